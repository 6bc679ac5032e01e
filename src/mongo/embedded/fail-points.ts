import { serverLabels } from '../wire/error-labels.js';
import { toNumber } from './bson/number.js';
import { type Document, isNumeric, type Value } from './bson/value.js';
import { notImplemented, ServerError } from './errors.js';

/** What `failCommand` does to a command that it hits. */
export interface CommandFault {
  /** The command is not run and gets no answer. */
  readonly closeConnection: boolean;
  readonly blockMs: number;
  readonly errorCode: number | undefined;
  /** In the place of the labels that the server would give. */
  readonly errorLabels: readonly string[] | undefined;
  /** The command is run, and this is said of it. */
  readonly writeConcernError: Document | undefined;
}

interface FailCommand extends CommandFault {
  readonly commands: ReadonlySet<Value>;
  readonly appName: Value | undefined;
}

/** When the connection is dropped: before a write is done, or after. */
type Drop = 'before' | 'after';

interface Armed<T> {
  readonly fault: T;
  skip: number;
  left: number;
}

/**
 * The two fail points of the official server that tests of drivers use. A server that bots use has none:
 * faults are the proxy's business.
 */
export class FailPoints {
  #failCommand: Armed<FailCommand> | undefined;
  #transactionalWrite: Armed<Drop> | undefined;

  /** @throws ServerError for what only the official server can do */
  configure(name: Value | undefined, mode: Value | undefined, data: Document): void {
    if (name === 'failCommand') this.#failCommand = armed(mode, () => failCommand(data));
    else if (name === 'onPrimaryTransactionalWrite') {
      this.#transactionalWrite = armed(mode, () =>
        data.has('failBeforeCommitExceptionCode') ? 'before' : 'after',
      );
    } else throw notImplemented(`The fail point ${String(name)}`);
  }

  onCommand(name: string, appName: string | undefined): CommandFault | undefined {
    const fault = this.#failCommand?.fault;
    if (fault === undefined || !fault.commands.has(name)) return undefined;
    return fault.appName === undefined || fault.appName === appName ? hit(this.#failCommand) : undefined;
  }

  /** A statement of a retryable write is about to be done. */
  onTransactionalWrite(): Drop | undefined {
    return hit(this.#transactionalWrite);
  }
}

/** The error that the command gets instead of being run. */
export function injectedError(
  { errorCode, errorLabels }: CommandFault,
  body: Document,
): ServerError | undefined {
  if (errorCode === undefined) return undefined;
  const labels = errorLabels ?? labelsOf(errorCode, body);
  return new ServerError(errorCode, "Failing command via 'failCommand' failpoint", labels);
}

/** More fields of the reply to a command that was run. */
export function injectedWriteConcernError(fault: CommandFault, body: Document): [string, Value][] {
  const { writeConcernError, errorLabels } = fault;
  if (writeConcernError === undefined) return [];
  // A write concern error never ends a transaction.
  const own = labelsOf(number(writeConcernError, 'code') ?? 0, body);
  const labels = errorLabels ?? own.filter((label) => label === 'RetryableWriteError');
  const fields: [string, Value][] = [['writeConcernError', writeConcernError]];
  return labels.length > 0 ? [...fields, ['errorLabels', [...labels]]] : fields;
}

function labelsOf(code: number, body: Document): readonly string[] {
  const [name = ''] = body.keys();
  return serverLabels(code, {
    name,
    hasTxnNumber: body.has('txnNumber'),
    inTransaction: body.get('autocommit') === false,
  });
}

function armed<T>(mode: Value | undefined, fault: () => T): Armed<T> | undefined {
  if (mode === 'off') return undefined;
  const counts = mode instanceof Map ? mode : undefined;
  if (mode !== 'alwaysOn' && counts === undefined) throw new ServerError(9, 'A fail point needs a mode');
  const skip = counts === undefined ? undefined : number(counts, 'skip');
  const times = counts === undefined ? undefined : number(counts, 'times');
  return { fault: fault(), skip: skip ?? 0, left: times ?? Number.POSITIVE_INFINITY };
}

function hit<T>(point: Armed<T> | undefined): T | undefined {
  if (point === undefined) return undefined;
  if (point.skip > 0) {
    point.skip -= 1;
    return undefined;
  }
  if (point.left === 0) return undefined;
  point.left -= 1;
  return point.fault;
}

const FAIL_COMMAND_FIELDS: ReadonlySet<string> = new Set([
  'failCommands',
  'appName',
  'closeConnection',
  'blockConnection',
  'blockTimeMS',
  'errorCode',
  'errorLabels',
  'writeConcernError',
]);

function failCommand(data: Document): FailCommand {
  for (const name of data.keys()) {
    if (!FAIL_COMMAND_FIELDS.has(name)) throw notImplemented(`failCommand with ${name}`);
  }
  const labels = data.get('errorLabels');
  const writeConcernError = data.get('writeConcernError');
  const commands = data.get('failCommands');
  return {
    commands: new Set(Array.isArray(commands) ? commands : []),
    appName: data.get('appName'),
    closeConnection: data.get('closeConnection') === true,
    blockMs: data.get('blockConnection') === true ? (number(data, 'blockTimeMS') ?? 0) : 0,
    errorCode: number(data, 'errorCode'),
    errorLabels: Array.isArray(labels) ? labels.map(String) : undefined,
    writeConcernError: writeConcernError instanceof Map ? writeConcernError : undefined,
  };
}

function number(fields: Document, name: string): number | undefined {
  const value = fields.get(name);
  return value !== undefined && isNumeric(value) ? toNumber(value) : undefined;
}
