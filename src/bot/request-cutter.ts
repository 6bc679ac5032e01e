/** A longer head of a request is none that Telegram sends. */
const LONGEST_HEAD = 64 * 1024;
const HEAD_END = '\r\n\r\n';

/** The head of one HTTP request, as far as a router looks at it. */
export interface RequestHead {
  /** Lower-case name of a header; the first one counts. */
  readonly header: (name: string) => string | undefined;
}

/** A request whose end cannot be found, in words for an answer. */
export class UnclearRequest extends Error {}

/** Finds where the requests on one connection begin and end, and hands out their bytes as they came. */
export class RequestCutter {
  readonly #onHead: (head: RequestHead) => void;
  readonly #onBytes: (bytes: Buffer) => void;
  #head: Buffer = Buffer.alloc(0);
  #bodyLeft = 0;

  /** `onHead` is called before the bytes of a request, its head among them, come to `onBytes`. */
  constructor(onHead: (head: RequestHead) => void, onBytes: (bytes: Buffer) => void) {
    this.#onHead = onHead;
    this.#onBytes = onBytes;
  }

  /** @throws UnclearRequest */
  push(bytes: Buffer): void {
    let left = bytes;
    while (left.length > 0) left = this.#bodyLeft > 0 ? this.#body(left) : this.#headOf(left);
  }

  #body(bytes: Buffer): Buffer {
    const own = bytes.subarray(0, this.#bodyLeft);
    this.#bodyLeft -= own.length;
    this.#onBytes(own);
    return bytes.subarray(own.length);
  }

  #headOf(bytes: Buffer): Buffer {
    const seen = this.#head.length;
    const whole = Buffer.concat([this.#head, bytes]);
    const end = whole.indexOf(HEAD_END, Math.max(0, seen - HEAD_END.length));
    if ((end === -1 ? whole.length : end) > LONGEST_HEAD) throw new UnclearRequest('the head is too long');
    if (end === -1) {
      this.#head = whole;
      return Buffer.alloc(0);
    }
    const head = whole.subarray(0, end + HEAD_END.length);
    this.#head = Buffer.alloc(0);
    const headers = headersIn(head.toString('latin1'));
    this.#bodyLeft = bodyLength(headers);
    this.#onHead({ header: (name) => headers.get(name) });
    this.#onBytes(head);
    return whole.subarray(head.length);
  }
}

function headersIn(head: string): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of head.split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    if (colon > 0 && !headers.has(name)) headers.set(name, line.slice(colon + 1).trim());
  }
  return headers;
}

function bodyLength(headers: ReadonlyMap<string, string>): number {
  // Telegram always says the length; whoever else comes here can do so, too.
  if (headers.has('transfer-encoding')) throw new UnclearRequest('Transfer-Encoding is not passed on');
  const length = headers.get('content-length') ?? '0';
  if (!/^\d{1,15}$/.test(length)) throw new UnclearRequest('Content-Length is no number');
  return Number(length);
}
