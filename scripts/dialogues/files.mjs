/** Files that people of dialogues send: the fields of a message, with ids of the form that Telegram gives. */

import { randomStream } from '../../dist/base/random.js';
import { makeFileId, uniqueIdOf } from '../../dist/telegram/files/file-id.js';

const fileOf = (kind, name) => ({
  file_id: makeFileId(kind, randomStream('dialogues', name)),
  file_unique_id: uniqueIdOf(kind, name),
});

/** A photo in the two sizes that Telegram makes of it and its own. */
export const photo = (name) => ({
  photo: [
    { ...fileOf('photo', `${name} s`), file_size: 1_214, width: 90, height: 67 },
    { ...fileOf('photo', `${name} m`), file_size: 19_806, width: 320, height: 240 },
    { ...fileOf('photo', `${name} x`), file_size: 81_340, width: 800, height: 600 },
  ],
});

export const document = (name, mimeType) => ({
  document: { file_name: name, mime_type: mimeType, ...fileOf('document', name), file_size: 40_960 },
});
