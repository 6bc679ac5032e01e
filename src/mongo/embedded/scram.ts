import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import { ServerError } from './errors.js';

export const MECHANISMS = ['SCRAM-SHA-256', 'SCRAM-SHA-1'] as const;

/** The user that the server knows. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

type Mechanism = (typeof MECHANISMS)[number];

/** The least that RFC 7677 asks for: the secret of a throw-away server is worth no more. */
const ITERATIONS = 4096;

/** The server's side of SCRAM (RFC 5802, RFC 7677) for one user. */
export class Authenticator {
  readonly #credentials: Credentials;
  readonly #salt = randomBytes(16);

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
  }

  /** Is this the user, as `database.user`? Any database will do. */
  knows(name: string): boolean {
    return name.slice(name.indexOf('.') + 1) === this.#credentials.user;
  }

  /** @throws ServerError 2 for another mechanism, 17 for a message that is none */
  begin(mechanism: string, clientFirst: string, skipEmptyExchange: boolean): Conversation {
    const known = MECHANISMS.find((name) => name === mechanism);
    if (known === undefined) {
      throw new ServerError(
        2,
        `Received authentication for mechanism ${mechanism}; this server has ${MECHANISMS.join(' and ')}`,
      );
    }
    const [, bare, user, clientNonce] = /^[ny],[^,]*,(n=([^,]*),r=([^,]+).*)$/.exec(clientFirst) ?? [];
    if (bare === undefined || user === undefined || clientNonce === undefined)
      throw new ServerError(17, 'The first SCRAM message of the client is malformed');
    const nonce = clientNonce + randomBytes(18).toString('base64');
    const serverFirst = `r=${nonce},s=${this.#salt.toString('base64')},i=${ITERATIONS}`;
    const isUser = user.replaceAll('=2C', ',').replaceAll('=3D', '=') === this.#credentials.user;
    const keys = isUser ? keysOf(known, this.#credentials, this.#salt) : undefined;
    return new Conversation(keys, nonce, `${bare},${serverFirst}`, serverFirst, skipEmptyExchange);
  }
}

interface Keys {
  readonly hash: 'sha256' | 'sha1';
  readonly salted: Buffer;
}

function keysOf(mechanism: Mechanism, { user, password }: Credentials, salt: Buffer): Keys {
  if (mechanism === 'SCRAM-SHA-256')
    return { hash: 'sha256', salted: pbkdf2Sync(password.normalize('NFKC'), salt, ITERATIONS, 32, 'sha256') };
  // MongoDB never puts the password itself through SHA-1.
  const digest = createHash('md5').update(`${user}:mongo:${password}`).digest('hex');
  return { hash: 'sha1', salted: pbkdf2Sync(digest, salt, ITERATIONS, 20, 'sha1') };
}

/** One login. */
export class Conversation {
  isDone = false;
  #isProven = false;

  constructor(
    /** Absent for an unknown user, who learns so only with a wrong password. */
    readonly keys: Keys | undefined,
    readonly nonce: string,
    readonly authMessage: string,
    readonly serverFirst: string,
    readonly skipEmptyExchange: boolean,
  ) {}

  /** The answer to the next message of the client. @throws ServerError 18 when the proof is wrong */
  next(message: string): string {
    if (this.#isProven) {
      this.isDone = true;
      return '';
    }
    const [, withoutProof = '', nonce, proof = ''] = /^(c=[^,]*,r=([^,]*)),p=(.*)$/.exec(message) ?? [];
    if (this.keys === undefined || nonce !== this.nonce) throw failed();
    const { hash, salted } = this.keys;
    const authMessage = `${this.authMessage},${withoutProof}`;
    const hmac = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest();
    const clientKey = hmac(salted, 'Client Key');
    const signature = hmac(createHash(hash).update(clientKey).digest(), authMessage);
    const wanted = Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] ?? 0)));
    const given = Buffer.from(proof, 'base64');
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) throw failed();
    this.#isProven = true;
    this.isDone = this.skipEmptyExchange;
    return `v=${hmac(hmac(salted, 'Server Key'), authMessage).toString('base64')}`;
  }
}

function failed(): ServerError {
  return new ServerError(18, 'Authentication failed.');
}
