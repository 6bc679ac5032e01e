/**
 * Ids that must not be mixed up. They are plain numbers and strings at run time; the brand exists only
 * for the compiler.
 */
declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** The number before the colon of a bot token. */
export type BotId = Branded<number, 'BotId'>;
export type UpdateId = Branded<number, 'UpdateId'>;
/** User > 0, basic group < 0, supergroup and channel below -10^12. */
export type ChatId = Branded<number, 'ChatId'>;
export type UserId = Branded<number, 'UserId'>;
export type MessageId = Branded<number, 'MessageId'>;
/** `d1`, `d2`, …: one attempt to hand one update to the bot. */
export type DeliveryId = Branded<string, 'DeliveryId'>;
/** `c1`, `c2`, …: one Bot API request by the bot. */
export type CallId = Branded<string, 'CallId'>;
/** `m<connection>.<request>`: one MongoDB command on the wire. */
export type CommandId = Branded<string, 'CommandId'>;
/** `<user>.<step>.<send>`: one thing a virtual user did. */
export type ActionId = Branded<string, 'ActionId'>;

export const botId = (value: number): BotId => value as BotId;
export const updateId = (value: number): UpdateId => value as UpdateId;
export const chatId = (value: number): ChatId => value as ChatId;
export const userId = (value: number): UserId => value as UserId;
export const messageId = (value: number): MessageId => value as MessageId;
export const deliveryId = (value: string): DeliveryId => value as DeliveryId;
export const callId = (value: string): CallId => value as CallId;
export const commandId = (value: string): CommandId => value as CommandId;
export const actionId = (value: string): ActionId => value as ActionId;
