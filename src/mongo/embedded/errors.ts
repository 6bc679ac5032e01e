import { mongoCodeName } from '../../faults/mongo-codes.js';
import type { Value } from './bson/value.js';

/** The server errors that this server answers with, by the number that the official server uses. */
export const ERROR_NAMES = {
  1: 'InternalError',
  2: 'BadValue',
  5: 'GraphContainsCycle',
  8: 'UnknownError',
  9: 'FailedToParse',
  10: 'CannotMutateObject',
  14: 'TypeMismatch',
  15: 'Overflow',
  16: 'InvalidLength',
  17: 'ProtocolError',
  18: 'AuthenticationFailed',
  20: 'IllegalOperation',
  22: 'InvalidBSON',
  26: 'NamespaceNotFound',
  27: 'IndexNotFound',
  28: 'PathNotViable',
  40: 'ConflictingUpdateOperators',
  43: 'CursorNotFound',
  48: 'NamespaceExists',
  52: 'DollarPrefixedFieldName',
  53: 'InvalidIdField',
  54: 'NotSingleValueField',
  56: 'EmptyFieldName',
  59: 'CommandNotFound',
  61: 'ShardKeyNotFound',
  66: 'ImmutableField',
  67: 'CannotCreateIndex',
  72: 'InvalidOptions',
  73: 'InvalidNamespace',
  79: 'UnknownReplWriteConcern',
  85: 'IndexOptionsConflict',
  86: 'IndexKeySpecsConflict',
  100: 'UnsatisfiableWriteConcern',
  111: 'NotExactValueField',
  112: 'WriteConflict',
  115: 'CommandNotSupported',
  117: 'ConflictingOperationInProgress',
  121: 'DocumentValidationFailure',
  125: 'CommandFailed',
  165: 'ViewDepthLimitExceeded',
  166: 'CommandNotSupportedOnView',
  167: 'OptionNotSupportedOnView',
  168: 'InvalidPipelineOperator',
  171: 'CannotIndexParallelArrays',
  175: 'QueryPlanKilled',
  197: 'InvalidIndexSpecificationOption',
  206: 'NoSuchSession',
  224: 'QueryFeatureNotAllowed',
  225: 'TransactionTooOld',
  238: 'NotImplemented',
  241: 'ConversionFailure',
  251: 'NoSuchTransaction',
  256: 'TransactionCommitted',
  261: 'TooManyLogicalSessions',
  263: 'OperationNotSupportedInTransaction',
  352: 'UnsupportedOpQueryCommand',
  10334: 'BSONObjectTooLarge',
  11000: 'DuplicateKey',
  13113: 'MergeStageNoMatchingDocument',
  14031: 'OutOfDiskSpace',
} as const;

/** A code without a name of its own is shown as `Location<code>`, as the official server does. */
export function errorName(code: number): string {
  return (ERROR_NAMES as Readonly<Record<number, string>>)[code] ?? mongoCodeName(code) ?? `Location${code}`;
}

/**
 * An error that the client is told about: `{ok: 0, code, codeName, errmsg}`, or an entry of
 * `writeErrors`. Everything else that is thrown is a defect and is answered as code 8.
 */
export class ServerError extends Error {
  override readonly name = 'ServerError';

  constructor(
    readonly code: number,
    message: string,
    readonly labels: readonly string[] = [],
    /** More fields of the answer, such as `keyPattern`. */
    readonly details: ReadonlyMap<string, Value> = new Map(),
  ) {
    super(message);
  }
}

/** A fail point ends the connection in place of an answer. */
export class ConnectionDropped extends Error {
  override readonly name = 'ConnectionDropped';
}

/** The official server knows it, this one does not: refused rather than answered wrongly. */
export function notImplemented(what: string): ServerError {
  return new ServerError(238, `${what} is not supported by the embedded server of sendtwice`);
}
