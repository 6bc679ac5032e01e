import type { ExtraAct } from '../history/events.js';
import type { JsonObject } from '../recording/format.js';
import type { Incoming } from '../telegram/contracts.js';
import type { Prepared } from './actor.js';

/** Something that a user does beyond its recording. */
export type ExtraInput =
  | { readonly act: Extract<ExtraAct, 'unknown-kind' | 'unknown-fields'> }
  | {
      readonly act: Extract<ExtraAct, 'malformed'>;
      /** The part that its update lacks. */
      readonly shape: 'no-sender' | 'no-content' | 'no-message';
    }
  | { readonly act: Extract<ExtraAct, 'text-beside-tap'>; readonly text: string };

/** Who does it, and where. */
export interface ExtraPlace {
  readonly from: JsonObject;
  readonly chat: JsonObject;
}

/** Names that the Bot API does not have. What they mean is of no concern: a bot cannot know it. */
const NEW_KIND = 'hologram_call';
const NEW_CONTENT = { hologram: { projection_id: 'AgADBAADhologram', depth: 3, is_interactive: true } };

/** A sticker: no dialogue takes it for the text that it asked for. */
const STICKER = {
  file_id: 'CAACAgIAAxkBAAEBsticker',
  file_unique_id: 'AgADsticker',
  type: 'regular',
  width: 512,
  height: 512,
  is_animated: false,
  is_video: false,
  emoji: '👋',
};

/** An extra act as it can be sent now. */
export function prepareExtra(input: ExtraInput, { from, chat }: ExtraPlace): Prepared {
  switch (input.act) {
    case 'text-beside-tap': {
      const { text } = input;
      return { kind: 'text', incoming: { kind: 'message', payload: { from, chat, text } }, text };
    }
    case 'unknown-kind':
      return other({ kind: NEW_KIND as Incoming['kind'], payload: { from, chat, ...NEW_CONTENT } });
    case 'unknown-fields':
      return other({
        kind: 'message',
        payload: { from, chat, sent_from_orbit: true, ...NEW_CONTENT },
      });
    case 'malformed':
      return other(MALFORMED[input.shape]({ from, chat }));
  }
}

type Sendable = Prepared['incoming'];

const other = (incoming: Sendable): Prepared => ({ kind: 'other', incoming });

const MALFORMED: Readonly<
  Record<Extract<ExtraInput, { act: 'malformed' }>['shape'], (place: ExtraPlace) => Sendable>
> = {
  'no-sender': ({ chat }) => ({ kind: 'message', payload: { chat, sticker: STICKER } }),
  'no-content': ({ from, chat }) => ({ kind: 'message', payload: { from, chat } }),
  'no-message': ({ from }) => ({ kind: 'callback_query', payload: { from, data: 'button' } }),
};
