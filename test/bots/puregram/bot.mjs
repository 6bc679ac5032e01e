// A photo studio with puregram: a middleware that keeps what each person ordered, buttons with payloads, a photo
// that is downloaded and sent back.
import http from 'node:http';
import { HTML, InlineKeyboard, MediaSource, Telegram } from 'puregram';

const { BOT_TOKEN, TELEGRAM_API_ROOT, WEBHOOK_URL, WEBHOOK_SECRET, PORT } = process.env;

const telegram = Telegram.fromToken(BOT_TOKEN, { apiBaseUrl: `${TELEGRAM_API_ROOT}/bot` });

const orders = new Map();
telegram.updates.use((context, next) => {
  const id = context.senderId ?? context.from?.id;
  if (!orders.has(id)) orders.set(id, {});
  context.order = orders.get(id);
  return next();
});

const sizes = InlineKeyboard.keyboard([
  [
    InlineKeyboard.textButton({ text: 'Small', payload: { size: 'small' } }),
    InlineKeyboard.textButton({ text: 'Large', payload: { size: 'large' } }),
  ],
  [InlineKeyboard.urlButton({ text: 'Prices', url: 'https://example.com/prices' })],
]);

telegram.updates.on('message', async (context) => {
  if (context.text === '/start') {
    context.order.size = undefined;
    return context.send(`Welcome to the ${HTML.bold('studio')}. Which size?`, {
      parse_mode: HTML,
      reply_markup: sizes,
    });
  }
  if (context.order.size === undefined) return context.reply('Send /start to begin.');
  if (!context.hasAttachmentType('photo')) return context.reply('Please send the photo to print.');
  await context.sendChatAction('upload_photo');
  const photo = await context.download();
  await context.sendPhoto(MediaSource.buffer(photo, { filename: 'print.jpg' }), {
    caption: `Your ${context.order.size} print, made of ${photo.length} bytes`,
  });
  context.order.size = undefined;
});

telegram.updates.on('callback_query', async (context) => {
  context.order.size = context.queryPayload.size;
  await context.answer({ text: 'Good choice' });
  await context.editText(`A ${context.order.size} print.`);
  await context.message.send('Send me the photo to print.');
});

if (WEBHOOK_URL) {
  const server = http.createServer(telegram.updates.getWebhookMiddleware(WEBHOOK_SECRET));
  await new Promise((resolve) => server.listen(Number(PORT), '127.0.0.1', resolve));
  await telegram.api.setWebhook({ url: WEBHOOK_URL, secret_token: WEBHOOK_SECRET });
} else {
  await telegram.updates.startPolling();
}
process.once('SIGTERM', () => process.exit(0));
