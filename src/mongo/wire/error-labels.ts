/** Codes after which a server tells drivers that they may send a write again. */
const RETRYABLE_WRITE = new Set([
  6, 7, 89, 91, 134, 189, 262, 317, 358, 384, 9001, 10107, 11600, 11602, 13435, 13436,
]);

/** Codes that end a transaction which may be tried again as a whole, whichever command gets them. */
const TRANSIENT_TRANSACTION = new Set([24, 112, 246, 251, 267]);

/** What a server says that has too much to do (IngressRequestRateLimitExceeded, from 8.2 on). */
export const OVERLOADED_CODE = 462;
const OVERLOADED_LABELS = ['SystemOverloadedError', 'RetryableError'];

const ENDS_TRANSACTION = new Set(['commitTransaction', 'abortTransaction']);

/** What the labels of an error depend on. */
export interface LabelledCommand {
  readonly name: string;
  readonly hasTxnNumber: boolean;
  readonly inTransaction: boolean;
}

/** The labels that a server itself gives to an error; drivers decide by them whether to try again. */
export function serverLabels(code: number, command: LabelledCommand): readonly string[] {
  const { name, hasTxnNumber, inTransaction } = command;
  if (code === OVERLOADED_CODE) return OVERLOADED_LABELS;
  if (!hasTxnNumber) return [];
  const isRetryable = RETRYABLE_WRITE.has(code);
  const isWithin = inTransaction && !ENDS_TRANSACTION.has(name);
  if (inTransaction && (TRANSIENT_TRANSACTION.has(code) || (isWithin && isRetryable)))
    return ['TransientTransactionError'];
  return isRetryable ? ['RetryableWriteError'] : [];
}
