import { Binary } from 'bson';
import { document, type Encodable } from '../bson/value.js';
import { ServerError } from '../errors.js';
import type { CommandTable, Reply, Request } from './contract.js';
import { booleanOption, checkFields, documentOption, required, stringOption } from './options.js';

function saslStart(request: Request): Reply {
  const { body, server, peer } = request;
  if (server.authenticator === undefined) {
    throw new ServerError(
      18,
      'The embedded server of sendtwice asks for no password: leave user and password out of the URI, ' +
        'or start the server with credentials',
    );
  }
  checkFields(request, ['mechanism', 'payload', 'autoAuthorize', 'options', 'db']);
  const mechanism = required(stringOption(body, 'mechanism'), request, 'mechanism');
  const options = documentOption(body, 'options') ?? new Map();
  const skipEmptyExchange = booleanOption(options, 'skipEmptyExchange');
  const conversation = server.authenticator.begin(mechanism, payloadOf(request), skipEmptyExchange);
  peer.conversation = conversation;
  return step(conversation.serverFirst, false);
}

function saslContinue(request: Request): Reply {
  checkFields(request, ['conversationId', 'payload']);
  const { peer } = request;
  const { conversation } = peer;
  if (conversation === undefined) throw new ServerError(17, 'No SASL session state found');
  peer.conversation = undefined;
  const answer = conversation.next(payloadOf(request));
  if (!conversation.isDone) peer.conversation = conversation;
  return step(answer, conversation.isDone);
}

function payloadOf({ body, name }: Request): string {
  const payload = body.get('payload');
  if (!(payload instanceof Binary)) throw new ServerError(14, `BSON field '${name}.payload' must be binary`);
  return Buffer.from(payload.buffer.subarray(0, payload.position)).toString();
}

/** A connection has one login at a time, so its number is always the same. */
function step(payload: string, done: boolean): Reply {
  return document<Encodable>({ conversationId: 1, done, payload: new Binary(Buffer.from(payload)) });
}

export const authenticationCommands: CommandTable = {
  saslStart,
  saslContinue,
  logout: () => new Map(),
};
