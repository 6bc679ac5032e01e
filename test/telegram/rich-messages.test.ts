import type { Message, RichMessage } from '@grammyjs/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { markdownToHtml } from '../../src/telegram/text/rich-markdown.js';
import { ANNA, ApiHarness, BORIS, SUPERGROUP } from './api-harness.js';

let api: ApiHarness;

beforeEach(async () => {
  api = await ApiHarness.start();
  api.hello();
});

afterEach(() => api.server.close());

type Rich = Message & { rich_message: RichMessage };

async function blocksOf(rich: object): Promise<unknown> {
  const answer = await api.call<Rich>('sendRichMessage', { chat_id: ANNA.id, rich_message: rich });
  expect(answer.body, answer.text).toMatchObject({ ok: true });
  return answer.body.result.rich_message.blocks;
}

async function errorOf(rich: unknown, method = 'sendRichMessage'): Promise<string | undefined> {
  const answer = await api.call(method, { chat_id: ANNA.id, draft_id: 1, rich_message: rich });
  expect(answer.status, answer.text).toBe(400);
  return answer.body.description;
}

test('blocks come back as they are shown', async () => {
  const blocks = await blocksOf({
    blocks: [
      { type: 'heading', text: 'Menu', size: 2 },
      { type: 'paragraph', text: ['Order at ', { type: 'bold', text: '@my_bot' }, ' or #now'] },
      { type: 'list', items: [{ blocks: [{ type: 'paragraph', text: 'Tea' }], type: 'i', value: 4 }] },
      { type: 'list', items: [{ blocks: [{ type: 'paragraph', text: 'Tea' }], has_checkbox: true }] },
      {
        type: 'table',
        cells: [
          [
            { text: 'a', align: 'left', valign: 'top' },
            { text: 'b', colspan: 2 },
          ],
        ],
      },
    ],
  });
  expect(blocks).toEqual([
    { type: 'heading', text: 'Menu', size: 2 },
    {
      type: 'paragraph',
      text: [
        'Order at ',
        { type: 'bold', text: { type: 'mention', text: '@my_bot', username: 'my_bot' } },
        ' or ',
        { type: 'hashtag', text: '#now', hashtag: 'now' },
      ],
    },
    {
      type: 'list',
      items: [{ label: 'iv.', blocks: [{ type: 'paragraph', text: 'Tea' }], value: 4, type: 'i' }],
    },
    {
      type: 'list',
      items: [{ label: '•', blocks: [{ type: 'paragraph', text: 'Tea' }], has_checkbox: true }],
    },
    {
      type: 'table',
      cells: [
        [
          { text: 'a', align: 'left', valign: 'top' },
          { text: 'b', colspan: 2, align: 'left', valign: 'top' },
        ],
      ],
    },
  ]);
});

test('HTML becomes blocks', async () => {
  expect(
    await blocksOf({
      html: '<h1>Hi <i>you</i></h1>\n<p>one<br>two &amp; <a href="https://x.example/">more</a></p><ul><li><input type="checkbox" checked>Done</li></ul><pre><code class="language-python">a  b</code></pre><blockquote expandable>long<cite>Me</cite></blockquote><hr/><details open><summary>S</summary>body</details>',
    }),
  ).toEqual([
    { type: 'heading', text: ['Hi ', { type: 'italic', text: 'you' }], size: 1 },
    {
      type: 'paragraph',
      text: ['one', '\n', 'two & ', { type: 'url', text: 'more', url: 'https://x.example/' }],
    },
    {
      type: 'list',
      items: [
        { label: '•', blocks: [{ type: 'paragraph', text: 'Done' }], has_checkbox: true, is_checked: true },
      ],
    },
    { type: 'pre', text: 'a  b', language: 'python' },
    { type: 'expandable_blockquote', text: 'long', credit: 'Me' },
    { type: 'divider' },
    { type: 'details', summary: 'S', blocks: [{ type: 'paragraph', text: 'body' }], is_open: true },
  ]);
});

test('Markdown becomes blocks', async () => {
  expect(
    await blocksOf({
      markdown:
        '# Report\n\nSome **bold _deep_ text**, `x<y` and ~~old~~.\n\n1. one\n2. two\n\n> quoted\n> on\n\n```js\nlet a;\n```\n\n| H | V |\n|:--|--:|\n| a | b |\n\n---\n\n$$E = mc^2$$',
    }),
  ).toEqual([
    { type: 'heading', text: 'Report', size: 1 },
    {
      type: 'paragraph',
      text: [
        'Some ',
        { type: 'bold', text: ['bold ', { type: 'italic', text: 'deep' }, ' text'] },
        ', ',
        { type: 'code', text: 'x<y' },
        ' and ',
        { type: 'strikethrough', text: 'old' },
        '.',
      ],
    },
    {
      type: 'list',
      items: [
        { label: '1.', blocks: [{ type: 'paragraph', text: 'one' }], value: 1, type: '1' },
        { label: '2.', blocks: [{ type: 'paragraph', text: 'two' }], value: 2, type: '1' },
      ],
    },
    { type: 'blockquote', blocks: [{ type: 'paragraph', text: 'quoted on' }] },
    { type: 'pre', text: 'let a;', language: 'js' },
    {
      type: 'table',
      cells: [
        [
          { text: 'H', is_header: true, align: 'left', valign: 'top' },
          { text: 'V', is_header: true, align: 'right', valign: 'top' },
        ],
        [
          { text: 'a', align: 'left', valign: 'top' },
          { text: 'b', align: 'right', valign: 'top' },
        ],
      ],
      is_bordered: true,
    },
    { type: 'divider' },
    { type: 'mathematical_expression', expression: 'E = mc^2' },
  ]);
});

test('media of blocks and links are files that can be got', async () => {
  const blocks = (await blocksOf({
    html: '<figure><img src="tg://photo?id=a1" tg-spoiler/><figcaption>Here</figcaption></figure>',
    media: [{ id: 'a1', media: { type: 'photo', media: 'https://x.example/a.jpg' } }],
  })) as [{ photo: { file_id: string }[] }];
  expect(blocks).toMatchObject([{ type: 'photo', has_spoiler: true, caption: { text: 'Here' } }]);
  const file = await api.call<{ file_id: string }>('getFile', { file_id: blocks[0].photo.at(-1)?.file_id });
  expect(file.body.ok).toBe(true);
});

test.each([
  [{}, 'Bad Request: rich message must be non-empty'],
  [{ blocks: [] }, 'Bad Request: rich message must be non-empty'],
  [
    { html: 'a', markdown: 'b' },
    'Bad Request: can\'t parse InputRichMessage: exactly one of the fields "html", "markdown" and "blocks" must be used',
  ],
  [{ blocks: [null] }, 'Bad Request: block must be non-empty'],
  [{ blocks: [{ type: 'list', items: [] }] }, 'Bad Request: list must be non-empty'],
  [
    { blocks: [{ type: 'heading', text: 'a', size: 7 }] },
    'Bad Request: invalid section heading size specified',
  ],
  [{ blocks: [{ type: 'thinking', text: 'a' }] }, 'Bad Request: block is not allowed'],
  [{ markdown: 'a'.repeat(32_769) }, 'Bad Request: rich message text is too long'],
  [{ blocks: Array(501).fill({ type: 'divider' }) }, 'Bad Request: rich message has too many blocks'],
  [{ html: '<b>'.repeat(20_000) }, 'Bad Request: rich message is nested too deep'],
  [{ markdown: `${'>'.repeat(30_000)}x` }, 'Bad Request: rich message is nested too deep'],
])('%#: what is refused', async (rich, description) => {
  expect(await errorOf(rich)).toBe(description);
});

test('a text becomes rich, a rich message a text, and both are forwarded and copied', async () => {
  const rich = { markdown: '# Hi' };
  const sent = await api.call('sendMessage', { chat_id: ANNA.id, text: 'plain' });
  const id = sent.body.result.message_id;
  const edited = await api.call<Rich>('editMessageText', {
    chat_id: ANNA.id,
    message_id: id,
    rich_message: rich,
  });
  expect(edited.body.result).toMatchObject({ rich_message: { blocks: [{ type: 'heading', text: 'Hi' }] } });
  expect(edited.body.result).not.toHaveProperty('text');
  const forwarded = await api.call<Rich>('forwardMessage', {
    chat_id: ANNA.id,
    from_chat_id: ANNA.id,
    message_id: id,
  });
  expect(forwarded.body.result.rich_message).toEqual(edited.body.result.rich_message);
  const again = await api.call<Rich>('editMessageText', { chat_id: ANNA.id, message_id: id, text: 'plain' });
  expect(again.body.result).toMatchObject({ text: 'plain' });
  expect(again.body.result).not.toHaveProperty('rich_message');
  const ended = api.events.filter((event) => event.type === 'call.ended');
  expect(ended[1]).toMatchObject({ contents: [{ kind: 'text', text: 'Hi' }] });
});

test('a draft leaves no message, and may think', async () => {
  const before = (await api.call('sendMessage', { chat_id: ANNA.id, text: 'a' })).body.result.message_id;
  const draft = { blocks: [{ type: 'thinking', text: 'Hm' }] };
  const answer = await api.call('sendRichMessageDraft', {
    chat_id: ANNA.id,
    draft_id: 3,
    rich_message: draft,
  });
  expect(answer.body.result).toBe(true);
  const after = (await api.call('sendMessage', { chat_id: ANNA.id, text: 'a' })).body.result.message_id;
  expect(after).toBe(before + 1);
});

test('a person reads the words of a rich message', async () => {
  const anna = api.bot.person({ id: ANNA.id, first_name: 'Anna' }).privateChat();
  const waiting = anna.nextReply({ match: 'Tea' });
  await blocksOf({ markdown: '# Menu\n\n- Tea\n- Juice' });
  expect((await waiting).rich_message?.blocks).toHaveLength(2);
  const ended = api.events.findLast((event) => event.type === 'call.ended');
  expect(ended).toMatchObject({ contents: [{ kind: 'text', text: 'Menu\n• Tea\n• Juice' }] });
});

test('an ephemeral message is seen by one person, and is edited and deleted for them', async () => {
  api.bot.addChat(SUPERGROUP);
  const anna = api.bot.person({ id: ANNA.id, first_name: 'Anna' }).in(SUPERGROUP);
  const boris = api.bot.person({ id: BORIS.id, first_name: 'Boris' }).in(SUPERGROUP);
  anna.say('/secret');
  boris.say('/hello');
  const where = { chat_id: SUPERGROUP.id };
  const sent = await api.call<Message & { ephemeral_message_id: number }>('sendMessage', {
    ...where,
    text: 'For you',
    ephemeral_message_parameters: { receiver_user_id: ANNA.id },
  });
  expect(sent.body.result).toMatchObject({
    message_id: 0,
    ephemeral_message_id: 1,
    receiver_user: { id: ANNA.id },
    text: 'For you',
  });
  expect((await anna.nextReply()).text).toBe('For you');
  await api.call('sendMessage', { ...where, text: 'For all' });
  expect((await boris.nextReply()).text).toBe('For all');
  expect(boris.sees().ephemeral).toBeUndefined();
  expect(anna.sees().messages.map(({ text }) => text)).not.toContain('For you');

  const about = { ...where, receiver_user_id: ANNA.id, ephemeral_message_id: 1 };
  const edited = await api.call('editEphemeralMessageText', { ...about, text: 'Changed' });
  expect(edited.body.result).toBe(true);
  expect((await anna.nextEdit()).text).toBe('Changed');
  expect(anna.sees().ephemeral).toMatchObject([{ text: 'Changed' }]);
  const wrong = await api.call('editEphemeralMessageText', {
    ...about,
    receiver_user_id: BORIS.id,
    text: 'x',
  });
  expect(wrong.body.description).toBe('Bad Request: message to edit not found');
  expect((await api.call('deleteEphemeralMessage', about)).body.result).toBe(true);
  expect(anna.sees().ephemeral).toBeUndefined();
  expect((await api.call('deleteEphemeralMessage', about)).body.description).toBe(
    'Bad Request: message to delete not found',
  );
});

test('what is refused of ephemeral messages', async () => {
  const send = async (parameters: unknown, more: object = {}): Promise<string | undefined> =>
    (
      await api.call('sendLocation', {
        chat_id: ANNA.id,
        latitude: 1,
        longitude: 1,
        ephemeral_message_parameters: parameters,
        ...more,
      })
    ).body.description;
  expect(await send({ receiver_user_id: 77 })).toBe('Bad Request: user not found');
  expect(await send({ receiver_user_id: ANNA.id }, { live_period: 60 })).toBe(
    "Bad Request: live locations can't be ephemeral",
  );
  expect(await send({ callback_query_id: '1' })).toBe(
    'Bad Request: can\'t parse EphemeralMessageParameters: Can\'t find field "receiver_user_id"',
  );
  expect(await send({ receiver_user_id: ANNA.id })).toBeUndefined();
});

test.each(['*a ', '**', '[', '![', '`', '$', '<a "', '||x', '~~', '- a\n  ', '|', '_a', '<b', '\\'])(
  'Markdown that is nothing but %j is read, or refused, in time',
  (mark) => {
    const startedAt = performance.now();
    markdownToHtml(mark.repeat(Math.floor(65_000 / mark.length)));
    expect(performance.now() - startedAt).toBeLessThan(4_000);
  },
);
