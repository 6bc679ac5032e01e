/** Names of the MongoDB error codes that people inject, as the server's `codeName` spells them. */
const CODE_NAMES: ReadonlyMap<number, string> = new Map([
  [2, 'BadValue'],
  [6, 'HostUnreachable'],
  [7, 'HostNotFound'],
  [11, 'UserNotFound'],
  [13, 'Unauthorized'],
  [18, 'AuthenticationFailed'],
  [24, 'LockTimeout'],
  [26, 'NamespaceNotFound'],
  [43, 'CursorNotFound'],
  [50, 'MaxTimeMSExpired'],
  [64, 'WriteConcernTimeout'],
  [79, 'UnknownReplWriteConcern'],
  [89, 'NetworkTimeout'],
  [91, 'ShutdownInProgress'],
  [112, 'WriteConflict'],
  [121, 'DocumentValidationFailure'],
  [134, 'ReadConcernMajorityNotAvailableYet'],
  [189, 'PrimarySteppedDown'],
  [251, 'NoSuchTransaction'],
  [262, 'ExceededTimeLimit'],
  [317, 'ConnectionPoolExpired'],
  [358, 'InternalTransactionNotSupported'],
  [384, 'ConnectionError'],
  [462, 'IngressRequestRateLimitExceeded'],
  [8000, 'AtlasError'],
  [9001, 'SocketException'],
  [10107, 'NotWritablePrimary'],
  [11000, 'DuplicateKey'],
  [11600, 'InterruptedAtShutdown'],
  [11601, 'Interrupted'],
  [11602, 'InterruptedDueToReplStateChange'],
  [13435, 'NotPrimaryNoSecondaryOk'],
  [13436, 'NotPrimaryOrSecondary'],
]);

/** `ShutdownInProgress` for 91; `undefined` for a code this list does not have. */
export function mongoCodeName(code: number): string | undefined {
  return CODE_NAMES.get(code);
}
