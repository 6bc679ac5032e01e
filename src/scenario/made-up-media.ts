import type { JsonObject } from '../recording/format.js';
import type { MediaKind, ScenarioStep } from './step-schema.js';

const BYTES = 20_480;
const PICTURE = { width: 1280, height: 960 };
/** Seconds. */
const DURATION = { duration: 5 };
const STILL = { type: 'regular', width: 512, height: 512, is_animated: false, is_video: false };
/** The Brandenburg Gate. */
const SOMEWHERE = { latitude: 52.5163, longitude: 13.3777 };

type Maker = (file: JsonObject, said: JsonObject) => JsonObject;

const MAKERS: Readonly<Record<MediaKind, Maker>> = {
  photo: (file) => ({ photo: [{ ...file, ...PICTURE }] }),
  video: (file) => ({ video: { ...file, ...PICTURE, ...DURATION, mime_type: 'video/mp4' } }),
  // Telegram sends both.
  animation: (file) => ({
    animation: { ...file, ...PICTURE, ...DURATION, mime_type: 'video/mp4' },
    document: { ...file, mime_type: 'video/mp4' },
  }),
  audio: (file, said) => ({ audio: { ...file, ...DURATION, mime_type: 'audio/mpeg', ...said } }),
  voice: (file) => ({ voice: { ...file, ...DURATION, mime_type: 'audio/ogg' } }),
  video_note: (file) => ({ video_note: { ...file, ...DURATION, length: 240 } }),
  document: (file, { name = 'document.pdf', mime_type = 'application/pdf' }) => ({
    document: { file_name: name, mime_type, ...file },
  }),
  sticker: (file, { emoji = '🙂' }) => ({ sticker: { ...file, ...STILL, emoji } }),
  location: (_, said) => ({ location: { ...SOMEWHERE, ...said } }),
  contact: () => ({
    contact: { phone_number: '${user.phone}', first_name: '${user.name}', user_id: '${user.id}' },
  }),
};

/** The fields of a message with something made up in it. `number` tells the files of two steps apart. */
export function madeUpMedia(send: NonNullable<ScenarioStep['send']>, number: number): JsonObject {
  const written = typeof send === 'string' ? { [send]: {} } : send;
  const [kind = 'photo'] = Object.keys(written) as MediaKind[];
  const { caption, ...said } = (written as Readonly<Partial<Record<MediaKind, JsonObject>>>)[kind] ?? {};
  const file = {
    file_id: `written-${kind}-${number}`,
    file_unique_id: `unique-${kind}-${number}`,
    file_size: BYTES,
  };
  return { ...MAKERS[kind](file, said), ...(caption !== undefined && { caption }) };
}
