// A lost-property office with GramIO: typed callback data, a reply keyboard, formatted texts, files both ways.
// What a person is about to tell is kept in memory and derived into each context.
import http from 'node:http';
import {
  Bot,
  bold,
  CallbackData,
  format,
  InlineKeyboard,
  italic,
  Keyboard,
  MediaInput,
  MediaUpload,
  webhookHandler,
} from 'gramio';

const { BOT_TOKEN, TELEGRAM_API_ROOT, WEBHOOK_URL, WEBHOOK_SECRET, PORT } = process.env;

const PLACES = ['train', 'bus', 'boat'];
const place = new CallbackData('place').number('index');
const reports = new Map();

const bot = new Bot(BOT_TOKEN, { api: { baseURL: `${TELEGRAM_API_ROOT}/bot` } })
  .derive(['message', 'callback_query'], ({ from }) => {
    const report = reports.get(from.id) ?? { step: 'none' };
    reports.set(from.id, report);
    return { report };
  })
  .command('start', (context) => {
    context.report.step = 'none';
    return context.send(format`${bold`Lost property`}: what can I do for you?`, {
      reply_markup: new Keyboard().text('Report a loss').row().text('See what was found').resized(),
    });
  })
  .hears('Report a loss', (context) => {
    context.report.step = 'thing';
    return context.send('What did you lose?');
  })
  .hears('See what was found', (context) =>
    context.sendMediaGroup([
      MediaInput.photo(MediaUpload.text('one glove', 'glove.jpg'), { caption: 'A glove' }),
      MediaInput.photo(MediaUpload.text('two hats', 'hats.jpg')),
    ]),
  )
  .on('message', async (context) => {
    const { report } = context;
    if (report.step === 'thing' && context.text) {
      report.thing = context.text;
      report.step = 'photo';
      return context.send(format`Do you have a photo of ${italic(report.thing)}?`);
    }
    if (report.step === 'photo') {
      if (!context.hasAttachmentType('photo')) return context.send('Please send a photo.');
      const photo = await context.download();
      report.step = 'place';
      await context.sendDocument(MediaUpload.buffer(Buffer.from(photo), 'loss.jpg'), {
        caption: `Kept for you: ${photo.byteLength} bytes`,
      });
      return context.send('Where did you lose it?', {
        reply_markup: PLACES.reduce(
          (keyboard, name, index) => keyboard.text(`On the ${name}`, place.pack({ index })),
          new InlineKeyboard().columns(2),
        ),
      });
    }
    return context.send('Send /start to begin.');
  })
  .callbackQuery(place, async (context) => {
    await context.answer({ text: 'We look for it' });
    const { thing } = context.report;
    context.report.step = 'none';
    return context.editText(format`We look for ${italic(thing)} on the ${PLACES[context.queryData.index]}.`);
  })
  .onError(({ error }) => console.error(error));

if (WEBHOOK_URL) {
  const server = http.createServer(webhookHandler(bot, 'http', WEBHOOK_SECRET));
  await new Promise((resolve) => server.listen(Number(PORT), '127.0.0.1', resolve));
  await bot.start({ webhook: { url: WEBHOOK_URL, secret_token: WEBHOOK_SECRET } });
} else {
  await bot.start();
}
process.once('SIGTERM', async () => {
  await bot.stop();
  process.exit(0);
});
