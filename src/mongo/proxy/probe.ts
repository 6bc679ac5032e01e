import { deserialize, serialize } from 'bson';
import { messageOf, SendtwiceError } from '../../base/errors.js';
import { FrameSplitter } from '../wire/frame-splitter.js';
import { encodeOpMsg, parseOpMsg } from '../wire/op-msg.js';
import { addressOf, type Place, type Upstream } from './upstream.js';

const ANSWER_WITHIN_MS = 10_000;

/** What a server says about itself. */
export interface ServerFacts {
  /** The server that answered. */
  readonly place: Place;
  /** Its own name in its replica set. */
  readonly me?: string;
  /** Members that can become primary; empty outside of a set. */
  readonly hosts: readonly string[];
  /** The other members. */
  readonly others: readonly string[];
}

/**
 * Asks the servers for their `hello`, on a connection of its own, one after the other until one answers.
 *
 * @throws SendtwiceError `mongo/unreachable` when no usable answer of any comes in 10 s
 */
export async function probe(upstream: Upstream): Promise<ServerFacts> {
  let firstError: SendtwiceError | undefined;
  for (const place of upstream.seeds) {
    try {
      const hello = await sayHello(upstream, place);
      return {
        place,
        ...(typeof hello.me === 'string' && { me: hello.me }),
        hosts: listOf(hello.hosts),
        others: [...listOf(hello.passives), ...listOf(hello.arbiters)],
      };
    } catch (error) {
      firstError ??= new SendtwiceError(
        'mongo/unreachable',
        `MongoDB at ${addressOf(place)} cannot be reached: ${messageOf(error)}`,
        {
          hint: 'Start it, correct the URI, or leave the URI out to use the embedded server.',
          cause: error,
        },
      );
    }
  }
  throw firstError;
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function sayHello(upstream: Upstream, place: Place): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const socket = upstream.connect(place);
    const splitter = new FrameSplitter();
    socket.setTimeout(ANSWER_WITHIN_MS);
    socket.on('timeout', () => socket.destroy(new Error(`no answer within ${ANSWER_WITHIN_MS / 1000} s`)));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('it closed the connection without an answer')));
    socket.on('data', (chunk) => {
      try {
        const [frame] = splitter.push(chunk);
        if (frame === undefined) return;
        resolve(deserialize(parseOpMsg(frame).body));
        socket.destroy();
      } catch (error) {
        socket.destroy(new Error('it does not speak the MongoDB protocol', { cause: error }));
      }
    });
    // Written before it is connected: a TLS socket sends it after its handshake.
    socket.write(
      encodeOpMsg({ requestId: 1, body: serialize({ isMaster: 1, helloOk: true, $db: 'admin' }) }),
    );
  });
}
