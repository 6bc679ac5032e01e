import type { User } from '@grammyjs/types';
import { messageId } from '../../base/ids.js';
import { type BusinessBotRights, type BusinessState, connectionResult } from '../chats/business-book.js';
import type { ChatState } from '../chats/chat-book.js';
import { inOfficialOrder } from '../chats/message-order.js';
import type { ApiMessage } from '../chats/message-store.js';
import type { Received, UpdateKind } from '../contracts.js';
import { adoptFiles } from '../files/adopt-files.js';
import type { JsonObject } from '../json-fields.js';
import { deleteIn } from '../methods/business.js';
import { receive } from '../receive.js';
import { withAutoEntities } from '../text/auto-entities.js';
import type { World } from '../world.js';
import { impossible } from './impossible.js';

/** What a business account lets the bot do when nothing is said: answer, read and delete what it sent. */
const USUAL_RIGHTS: BusinessBotRights = {
  can_reply: true,
  can_read_messages: true,
  can_delete_sent_messages: true,
};

/** A person connects the bot to their business account. Returns the connection's id. */
export function connectBusiness(
  world: World,
  person: User,
  rights: BusinessBotRights = USUAL_RIGHTS,
): { readonly connectionId: string; readonly received: Received } {
  world.chats.addUser(person);
  const state = world.business.add(person, rights, world.clock.unixSeconds());
  return { connectionId: state.id, received: tellConnection(world, state) };
}

/** The person takes the bot out, or puts it back with other rights. */
function changeBusiness(
  world: World,
  connectionId: string,
  change: { readonly isEnabled?: boolean; readonly rights?: BusinessBotRights },
): Received {
  const state = connection(world, connectionId);
  state.isEnabled = change.isEnabled ?? state.isEnabled;
  state.rights = change.rights ?? state.rights;
  state.date = world.clock.unixSeconds();
  return tellConnection(world, state);
}

/** Stars of the account, of which the bot may take some. */
function giveBusinessStars(world: World, connectionId: string, amount: number): void {
  connection(world, connectionId).stars += amount;
}

/** A customer writes to the account: the fields are those of a Message (`text`, `photo` …). */
export function writeToBusiness(
  world: World,
  customer: User,
  connectionId: string,
  content: JsonObject,
): Received {
  return addMessage(world, customer, customer, connectionId, content);
}

/** The account's owner writes to a customer by hand: the bot sees that too. */
function writeAsBusiness(world: World, connectionId: string, customer: User, content: JsonObject): Received {
  return addMessage(world, connection(world, connectionId).user, customer, connectionId, content);
}

/** Someone edits a message of a business chat: the fields replace those of the same name. */
function editInBusiness(
  world: World,
  connectionId: string,
  customer: User,
  id: number,
  content: JsonObject,
): Received {
  const chat = world.business.chatWith(connection(world, connectionId), customer);
  const before = chat.messages.get(id);
  if (before === undefined) {
    throw impossible(`There is no message ${id} in this business chat`, 'Edit one that was not deleted.');
  }
  const edit = { ...before.message, ...withEntities(content), edit_date: world.clock.unixSeconds() };
  const message = inOfficialOrder(edit) as ApiMessage;
  chat.messages.put({ ...before, message });
  return push(world, 'edited_business_message', chat, message);
}

/** Someone deletes messages of a business chat. */
function deleteInBusiness(world: World, connectionId: string, customer: User, ids: readonly number[]): void {
  const state = connection(world, connectionId);
  deleteIn(world, state, world.business.chatWith(state, customer), ids);
}

function addMessage(
  world: World,
  from: User,
  customer: User,
  connectionId: string,
  content: JsonObject,
): Received {
  const state = connection(world, connectionId);
  if (!state.isEnabled) {
    throw impossible(`Connection ${connectionId} is not enabled`, 'The bot sees only what enabled ones get.');
  }
  world.chats.addUser(from);
  const chat = world.business.chatWith(state, customer);
  const message = inOfficialOrder({
    ...withEntities(content),
    business_connection_id: state.id,
    message_id: chat.messages.nextId(),
    from,
    chat: chat.chat,
    date: world.clock.unixSeconds(),
  }) as ApiMessage;
  chat.messages.put({ message, byBot: false });
  adoptFiles(world.files, message);
  return push(world, 'business_message', chat, message);
}

function withEntities(content: JsonObject): JsonObject {
  if (typeof content.text !== 'string' || content.entities !== undefined) return content;
  const entities = withAutoEntities(content.text, []);
  return entities.length === 0 ? content : { ...content, entities };
}

function push(world: World, kind: UpdateKind, chat: ChatState, message: ApiMessage): Received {
  const about = { chatId: chat.id, messageId: messageId(message.message_id) };
  const updateId = world.updates.push(kind, message, about);
  return updateId === undefined ? about : { updateId, ...about };
}

function tellConnection(world: World, state: BusinessState): Received {
  return receive(world, { kind: 'business_connection', payload: { ...connectionResult(state) } });
}

function connection(world: World, id: string): BusinessState {
  const state = world.business.get(id);
  if (state === undefined) {
    throw impossible(`There is no business connection ${id}`, 'Connect a business account first.');
  }
  return state;
}

/** What one person does as the owner of a business account, or as its customer. */
export interface BusinessActs {
  /** @see connectBusiness */
  connect(rights?: BusinessBotRights): { readonly connectionId: string; readonly received: Received };
  /** @see changeBusiness */
  change(
    connectionId: string,
    change: { readonly isEnabled?: boolean; readonly rights?: BusinessBotRights },
  ): Received;
  /** @see writeToBusiness */
  write(connectionId: string, content: JsonObject): Received;
  /** @see writeAsBusiness */
  writeTo(connectionId: string, customer: User, content: JsonObject): Received;
  /** @see editInBusiness */
  edit(connectionId: string, id: number, content: JsonObject): Received;
  /** @see giveBusinessStars */
  giveStars(connectionId: string, amount: number): void;
  /** @see deleteInBusiness */
  delete(connectionId: string, ids: readonly number[]): void;
}

export function businessActsOf(world: World, person: User): BusinessActs {
  return {
    connect: (rights) => connectBusiness(world, person, rights),
    change: (connectionId, change) => changeBusiness(world, connectionId, change),
    write: (connectionId, content) => writeToBusiness(world, person, connectionId, content),
    writeTo: (connectionId, customer, content) => writeAsBusiness(world, connectionId, customer, content),
    edit: (connectionId, id, content) => editInBusiness(world, connectionId, person, id, content),
    giveStars: (connectionId, amount) => giveBusinessStars(world, connectionId, amount),
    delete: (connectionId, ids) => deleteInBusiness(world, connectionId, person, ids),
  };
}
