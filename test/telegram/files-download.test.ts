import type { File, Message } from '@grammyjs/types';
import { afterEach, beforeEach, expect, expectTypeOf, test } from 'vitest';
import type { fileResult } from '../../src/telegram/methods/files.js';
import { ANNA, ApiHarness } from './api-harness.js';

let api: ApiHarness;
beforeEach(async () => {
  api = await ApiHarness.start();
  api.hello();
});
afterEach(() => api.server.close());

const CONTENT = 'the content of a file';

async function upload(method: string, field: string, name: string, more: Record<string, string | Blob> = {}) {
  const form = new FormData();
  form.set('chat_id', String(ANNA.id));
  form.set(field, new Blob([CONTENT]), name);
  for (const [key, value] of Object.entries(more)) form.set(key, value);
  const { body, text } = await api.request<Message>(method, { method: 'POST', body: form });
  if (!body.ok) throw new Error(text);
  return body.result as unknown as {
    readonly [field: string]: unknown;
    readonly photo?: readonly { file_id: string }[];
    readonly document?: { file_id: string };
  };
}

const getFile = (file_id: string | undefined) => api.result<File>('getFile', { file_id });
const download = (path = '') => fetch(`${api.server.origin}/file/bot${api.bot.token}/${path}`);

test.each([
  ['sendPhoto', 'photo', 'a.jpg', 'photos/file_0.jpg'],
  ['sendDocument', 'document', 'a.txt', 'documents/file_0.txt'],
  ['sendVideo', 'video', 'a.mov', 'videos/file_0.mov'],
  ['sendAnimation', 'animation', 'a.mp4', 'animations/file_0.mp4'],
  ['sendAudio', 'audio', 'a.mp3', 'music/file_0.mp3'],
  ['sendVoice', 'voice', 'a.oga', 'voice/file_0.oga'],
  ['sendVideoNote', 'video_note', 'a.mp4', 'video_notes/file_0.mp4'],
  ['sendSticker', 'sticker', 'a.webp', 'stickers/file_0.webp'],
])('%s: its file is downloaded from its own folder', async (method, field, name, path) => {
  const message = await upload(method, field, name);
  const media = [message[field]].flat().at(-1) as { file_id: string };
  const id = media.file_id;
  const file = await getFile(id);
  expect(Object.keys(file)).toEqual(['file_id', 'file_unique_id', 'file_size', 'file_path']);
  expect(file).toMatchObject({ file_id: id, file_size: CONTENT.length, file_path: path });
  const response = await download(file.file_path);
  expect([response.status, await response.text()]).toEqual([200, CONTENT]);
  expect((await getFile(id)).file_path).toBe(path);
});

test('files are numbered in the order in which they are asked for', async () => {
  const { document } = await upload('sendDocument', 'document', 'a.txt');
  const { photo } = await upload('sendPhoto', 'photo', 'a.jpg');
  expect((await getFile(photo?.[0]?.file_id)).file_path).toBe('photos/file_0.jpg');
  expect((await getFile(document?.file_id)).file_path).toBe('documents/file_1.txt');
  expect((await download('documents/file_7.txt')).status).toBe(404);
});

test('a thumbnail is a file of its own, under both of its names', async () => {
  const thumbnail = new Blob(['small']);
  const { document } = await upload('sendDocument', 'document', 'a.txt', { thumbnail });
  expect(Object.keys(document ?? {})).toEqual([
    'file_name',
    'mime_type',
    'thumbnail',
    'thumb',
    'file_id',
    'file_unique_id',
    'file_size',
  ]);
  const { thumbnail: shown } = document as unknown as { thumbnail: { file_id: string } };
  const file = await getFile(shown.file_id);
  expect(file.file_path).toBe('thumbnails/file_0.jpg');
  expect(await (await download(file.file_path)).text()).toBe('small');
});

test('what is too big to download is said so', async () => {
  const document = {
    file_id: 'BQACAgIAAxkBAAIBbmVlZWVlZWVlAAE5BA',
    file_unique_id: 'x',
    file_size: 20 * 1024 * 1024 + 1,
  };
  api.write({ from: ANNA, chat: { id: ANNA.id, first_name: 'Anna', type: 'private' }, document });
  expect(await api.error('getFile', { file_id: document.file_id })).toBe('Bad Request: file is too big');
});

test.each([
  [{}, 'file_id not specified'],
  [{ file_id: '' }, 'file_id not specified'],
  [{ file_id: 'abcde' }, 'invalid file_id'],
])('getFile with %j is refused', async (params, why) => {
  expect(await api.error('getFile', params)).toBe(`Bad Request: ${why}`);
});

test('a file can be sent again by its id, but not as something else', async () => {
  const { photo } = await upload('sendPhoto', 'photo', 'a.jpg');
  const id = photo?.at(-1)?.file_id;
  const again = await api.result<Message.PhotoMessage>('sendPhoto', { chat_id: ANNA.id, photo: id });
  expect(again.photo.at(-1)?.file_id).toBe(id);
  expect(await api.error('sendDocument', { chat_id: ANNA.id, document: id })).toBe(
    "Bad Request: can't use file of type Photo as Document",
  );
});

test('the result has the type that bots are written against', () => {
  expectTypeOf<ReturnType<typeof fileResult>>().toExtend<File>();
});
