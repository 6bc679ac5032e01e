import { deserialize, serialize } from 'bson';
import { messageOf, SendtwiceError } from '../../base/errors.js';
import { FrameSplitter } from '../wire/frame-splitter.js';
import { encodeOpMsg, parseOpMsg } from '../wire/op-msg.js';
import type { Upstream } from './upstream.js';

const ANSWER_WITHIN_MS = 10_000;

/** What a server says about itself. */
export interface ServerFacts {
  /** All members of its replica set; empty for a standalone server. */
  readonly members: readonly string[];
}

/**
 * Asks the server for its `hello`, on a connection of its own.
 *
 * @throws SendtwiceError `mongo/unreachable` when no usable answer comes in 10 s
 */
export async function probe(upstream: Upstream): Promise<ServerFacts> {
  try {
    const hello = await sayHello(upstream);
    const lists = [hello.hosts, hello.passives, hello.arbiters].filter((list) => Array.isArray(list));
    return { members: lists.flat().map(String) };
  } catch (error) {
    throw new SendtwiceError(
      'mongo/unreachable',
      `MongoDB at ${upstream.address} cannot be reached: ${messageOf(error)}`,
      {
        hint: 'Start it, correct the URI, or leave the URI out to use the embedded server.',
        cause: error,
      },
    );
  }
}

function sayHello(upstream: Upstream): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const socket = upstream.connect();
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
