import type { File, Sticker, StickerSet } from '@grammyjs/types';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import type { setResult, stickerOf } from '../../src/telegram/chats/sticker-book.js';
import { ANNA, ApiHarness, BORIS } from './api-harness.js';

let api: ApiHarness;
beforeEach(async () => {
  api = await ApiHarness.start();
  api.hello();
});
afterEach(() => api.server.close());

const NAME = 'tea_by_my_bot';
const URL_OF = 'https://a.test/s.webp';
const sticker = (params: object = {}) => ({
  sticker: URL_OF,
  format: 'static',
  emoji_list: ['🍵'],
  ...params,
});
const create = (params: object = {}) =>
  api.call<true>('createNewStickerSet', {
    user_id: ANNA.id,
    name: NAME,
    title: 'Tea',
    stickers: [sticker(), sticker({ emoji_list: ['☕', '🫖'], keywords: ['hot'] })],
    ...params,
  });
const getSet = (name = NAME) => api.result<StickerSet>('getStickerSet', { name });
const why = async (params: object) => (await create(params)).body.description?.replace('Bad Request: ', '');

/** Uploads a file of so many bytes beside the other parameters. */
async function upload(method: string, params: Record<string, string>, file: string, size = 100) {
  const form = new FormData();
  for (const [name, value] of Object.entries(params)) form.set(name, value);
  form.set(file, new Blob([Buffer.alloc(size, size)]), 's.webp');
  return (await api.request<File>(method, { method: 'POST', body: form })).body;
}

describe('a new set', () => {
  test('has its stickers, with files of their own', async () => {
    expect((await create()).body.result).toBe(true);
    const set = await getSet();
    expect(Object.keys(set)).toEqual(['name', 'title', 'sticker_type', 'contains_masks', 'stickers']);
    expect(set).toMatchObject({ name: NAME, title: 'Tea', sticker_type: 'regular', contains_masks: false });
    expect(set.stickers.map(({ emoji, set_name }) => [emoji, set_name])).toEqual([
      ['🍵', NAME],
      ['☕', NAME],
    ]);
    expect(Object.keys(set.stickers[0] ?? {})).toEqual([
      'width',
      'height',
      'emoji',
      'set_name',
      'is_animated',
      'is_video',
      'type',
      'file_id',
      'file_unique_id',
      'file_size',
    ]);
    expect(new Set(set.stickers.map(({ file_id }) => file_id)).size).toBe(2);
  });

  test('is found by its name in any case', async () => {
    await create();
    expect((await getSet('TEA_by_My_Bot')).name).toBe(NAME);
    expect(await api.error('getStickerSet', { name: 'x_by_my_bot' })).toBe('Bad Request: STICKERSET_INVALID');
    expect(await api.error('getStickerSet')).toBe('Bad Request: STICKERSET_INVALID');
  });

  test.each([
    [{ user_id: 0 }, 'invalid user_id specified'],
    [{ user_id: 77 }, 'user not found'],
    [{ title: ' ' }, 'sticker set title must be non-empty'],
    [{ name: '' }, 'sticker set name must be non-empty'],
    [{ stickers: [] }, 'at least 1 sticker must be specified'],
    [{ needs_repainting: true }, 'only custom emoji stickers support repainting'],
    [{ sticker_type: 'big' }, 'unsupported sticker type specified'],
    [{ name: 'tea' }, 'invalid sticker set name is specified'],
    [{ name: 'tea_by_other_bot' }, 'invalid sticker set name is specified'],
    [{ name: '1tea_by_my_bot' }, 'invalid sticker set name is specified'],
    [{ name: 'te__a_by_my_bot' }, 'invalid sticker set name is specified'],
    [{ stickers: '{' }, "can't parse stickers JSON object"],
    [{ stickers: {} }, 'expected an Array of InputSticker'],
    [{ stickers: Array(51).fill(sticker()) }, 'too many stickers specified'],
    [{ stickers: [1] }, "can't parse InputSticker: InputSticker must be an Object"],
    [{ stickers: [sticker({ sticker: '' })] }, "can't parse InputSticker: sticker not found"],
    [{ stickers: [sticker({ sticker: 'attach://x' })] }, "can't parse InputSticker: sticker not found"],
    [{ stickers: [sticker({ format: 'x' })] }, "can't parse InputSticker: Invalid sticker format specified"],
    [{ stickers: [sticker({ format: undefined })] }, 'can\'t parse InputSticker: Can\'t find field "format"'],
    [{ stickers: [sticker({ emoji_list: [] })] }, "can't parse InputSticker: emoji list must be non-empty"],
    [
      { stickers: [sticker({ emoji_list: Array(21).fill('🍵') })] },
      "can't parse InputSticker: too many emoji specified",
    ],
    [{ stickers: [sticker({ emoji_list: ['tea'] })] }, "can't parse InputSticker: expected a Unicode emoji"],
    [{ stickers: [sticker({ keywords: [1] })] }, "can't parse InputSticker: keyword must be a string"],
    [
      { stickers: [sticker({ mask_position: { point: 'nose' } })] },
      "can't parse InputSticker: Wrong point specified in MaskPosition",
    ],
    [{ stickers: [sticker({ format: 'animated' })] }, "animated stickers can't be uploaded by URL"],
    [{ stickers: [sticker({ format: 'video' })] }, "video stickers can't be uploaded by URL"],
    [
      { stickers: [sticker({ sticker: 'abcde' })] },
      'wrong remote file identifier specified: Wrong string length',
    ],
  ])('%j is refused', async (params, text) => {
    expect(await why(params)).toBe(text);
    expect(await api.error('getStickerSet', { name: NAME })).toContain('STICKERSET_INVALID');
  });

  test('cannot take a name that is taken', async () => {
    await create();
    expect(await why({})).toBe('sticker set name is already occupied');
  });

  test('can be made of uploads, as older bots do', async () => {
    const params = { user_id: String(ANNA.id), name: NAME, title: 'Tea', emojis: '🍵' };
    expect(await upload('createNewStickerSet', params, 'tgs_sticker')).toMatchObject({ ok: true });
    expect((await getSet()).stickers[0]).toMatchObject({ is_animated: true, emoji: '🍵', file_size: 100 });
    expect(await why({ stickers: undefined, name: 'b_by_my_bot' })).toBe(
      'there is no sticker file in the request',
    );
    expect(
      (await upload('createNewStickerSet', { ...params, name: 'c_by_my_bot' }, 'png_sticker', 513 * 1024))
        .description,
    ).toBe('Bad Request: file is too big');
  });
});

describe('a sticker of a set', () => {
  let first: Sticker;
  let second: Sticker;
  beforeEach(async () => {
    await create();
    [first, second] = (await getSet()).stickers as [Sticker, Sticker];
  });
  const emojis = async () => (await getSet()).stickers.map(({ emoji }) => emoji);

  test('is added, moved, replaced and deleted', async () => {
    const params = { user_id: ANNA.id, name: NAME };
    await api.result('addStickerToSet', { ...params, sticker: sticker({ emoji_list: ['🧊'] }) });
    expect(await emojis()).toEqual(['🍵', '☕', '🧊']);
    await api.result('setStickerPositionInSet', { sticker: first.file_id, position: 2 });
    expect(await emojis()).toEqual(['☕', '🧊', '🍵']);
    const replace = { ...params, old_sticker: second.file_id, sticker: sticker({ emoji_list: ['🥛'] }) };
    await api.result('replaceStickerInSet', replace);
    expect(await emojis()).toEqual(['🥛', '🧊', '🍵']);
    await api.result('deleteStickerFromSet', { sticker: first.file_id });
    expect(await emojis()).toEqual(['🥛', '🧊']);
    expect(await api.error('deleteStickerFromSet', { sticker: first.file_id })).toBe(
      'Bad Request: STICKERSET_INVALID',
    );
    expect(await api.error('replaceStickerInSet', replace)).toBe('Bad Request: STICKERSET_INVALID');
  });

  test('has emojis and keywords that can change', async () => {
    await api.result('setStickerEmojiList', { sticker: first.file_id, emoji_list: ['🫖'] });
    expect(await emojis()).toEqual(['🫖', '☕']);
    expect(await api.result('setStickerKeywords', { sticker: first.file_id, keywords: ['a'] })).toBe(true);
    expect(await api.error('setStickerMaskPosition', { sticker: first.file_id })).toBe(
      'Bad Request: STICKER_MASK_COORDS_NOT_SUPPORTED',
    );
  });

  test.each([
    ['setStickerPositionInSet', { position: -1 }, 'wrong sticker position specified'],
    ['setStickerPositionInSet', {}, 'wrong sticker position specified'],
    ['setStickerEmojiList', { emoji_list: 'x' }, "can't parse emoji list JSON array"],
    ['setStickerEmojiList', { emoji_list: [] }, "can't parse emoji list: emoji list must be non-empty"],
    ['setStickerKeywords', { keywords: {} }, 'field "keywords" must be an Array'],
    ['setStickerKeywords', { keywords: [1] }, 'keyword must be a string'],
  ])('%s with %j is refused', async (method, params, text) => {
    expect(await api.error(method, { sticker: first.file_id, ...params })).toBe(`Bad Request: ${text}`);
    expect(await api.error(method, params)).toBe('Bad Request: sticker is not specified');
  });

  test('can be sent, and says which set it is of', async () => {
    const { sticker: sent } = await api.result('sendSticker', { chat_id: ANNA.id, sticker: first.file_id });
    expect(sent).toEqual(first);
  });

  test('belongs to its owner', async () => {
    api.hello('x', BORIS);
    const params = { user_id: BORIS.id, name: NAME, sticker: sticker() };
    expect(await api.error('addStickerToSet', params)).toBe('Bad Request: STICKERSET_INVALID');
  });

  test('takes the set with it when it is the last', async () => {
    await api.result('deleteStickerFromSet', { sticker: first.file_id });
    await api.result('deleteStickerFromSet', { sticker: second.file_id });
    expect(await api.error('getStickerSet', { name: NAME })).toBe('Bad Request: STICKERSET_INVALID');
  });
});

describe('the set itself', () => {
  test('gets another title and goes', async () => {
    await create();
    await api.result('setStickerSetTitle', { name: NAME, title: 'More tea' });
    expect((await getSet()).title).toBe('More tea');
    expect(await api.error('setStickerSetTitle', { name: NAME })).toBe(
      'Bad Request: sticker set title must be non-empty',
    );
    expect(await api.result('deleteStickerSet', { name: NAME })).toBe(true);
    expect(await api.error('deleteStickerSet', { name: NAME })).toBe('Bad Request: STICKERSET_INVALID');
    expect(await api.error('deleteStickerSet')).toBe('Bad Request: sticker set name must be non-empty');
  });

  test('has a thumbnail of its kind', async () => {
    await create();
    const params = { user_id: String(ANNA.id), name: NAME, format: 'static' };
    expect(await upload('setStickerSetThumbnail', params, 'thumbnail')).toMatchObject({ ok: true });
    expect((await getSet()).thumbnail).toMatchObject({ width: 100, height: 100, file_size: 100 });
    await api.result('setStickerSetThumb', params);
    expect(await getSet()).not.toHaveProperty('thumbnail');
    expect(await api.error('setCustomEmojiStickerSetThumbnail', { name: NAME })).toBe(
      'Bad Request: the method can be used to set thumbnail only for custom emoji sticker sets',
    );
  });

  test('of custom emoji is found by their ids', async () => {
    await create({ sticker_type: 'custom_emoji', needs_repainting: true });
    const { stickers } = await getSet();
    const ids = stickers.map(({ custom_emoji_id }) => custom_emoji_id);
    expect(stickers[0]).toMatchObject({ type: 'custom_emoji', needs_repainting: true, width: 100 });
    const found = await api.result<Sticker[]>('getCustomEmojiStickers', { custom_emoji_ids: [...ids, '5'] });
    expect(found).toEqual(stickers);
    await api.result('setCustomEmojiStickerSetThumbnail', { name: NAME, custom_emoji_id: ids[1] });
    expect((await getSet()).thumbnail?.file_id).toBe(stickers[1]?.file_id);
    expect(
      await api.error('setStickerSetThumbnail', { user_id: ANNA.id, name: NAME, format: 'static' }),
    ).toBe("Bad Request: the method can't be used to set thumbnail of custom emoji sticker sets");
  });

  test('of masks knows where they go', async () => {
    const mask_position = { point: 'eyes', x_shift: 0, y_shift: 1.5, scale: 2 };
    await create({ sticker_type: 'mask', stickers: [sticker({ mask_position })] });
    const set = await getSet();
    expect(set).toMatchObject({ contains_masks: true, stickers: [{ type: 'mask', mask_position }] });
    await api.result('setStickerMaskPosition', { sticker: set.stickers[0]?.file_id });
    expect((await getSet()).stickers[0]).not.toHaveProperty('mask_position');
  });

  test.each([
    [{}, 'parameter "custom_emoji_ids" is required'],
    [{ custom_emoji_ids: '{' }, "can't parse custom emoji identifiers JSON object"],
    [{ custom_emoji_ids: {} }, 'expected an Array of custom emoji identifiers'],
    [{ custom_emoji_ids: [1] }, 'custom emoji identifier must be of type String'],
    [{ custom_emoji_ids: ['x'] }, 'invalid custom emoji identifier specified'],
    [{ custom_emoji_ids: Array(201).fill('1') }, 'too many custom emoji identifiers specified'],
  ])('getCustomEmojiStickers with %j is refused', async (params, text) => {
    expect(await api.error('getCustomEmojiStickers', params)).toBe(`Bad Request: ${text}`);
  });
});

test('an uploaded sticker file is used for sets', async () => {
  const params = { user_id: String(ANNA.id), sticker_format: 'static' };
  const { result: file } = await upload('uploadStickerFile', params, 'sticker');
  expect(file).toEqual({ file_id: expect.any(String), file_unique_id: expect.any(String), file_size: 100 });
  expect((await create({ stickers: [sticker({ sticker: file.file_id })] })).body.ok).toBe(true);
  expect((await getSet()).stickers[0]).toMatchObject({ file_size: 100 });
  expect((await upload('uploadStickerFile', { ...params, sticker_format: 'x' }, 'sticker')).description).toBe(
    'Bad Request: invalid sticker format specified',
  );
  expect((await upload('uploadStickerFile', { ...params, user_id: '7' }, 'sticker')).description).toBe(
    'Bad Request: user not found',
  );
});

test('results have the types that bots are written against', () => {
  expectTypeOf<ReturnType<typeof setResult>>().toExtend<StickerSet>();
  expectTypeOf<ReturnType<typeof stickerOf>>().toExtend<Sticker>();
});
