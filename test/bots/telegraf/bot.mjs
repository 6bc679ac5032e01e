// An evening school with Telegraf: the sign-up is a wizard scene, the pinboard a base scene, both with Telegraf's own
// in-memory session.
import http from 'node:http';
import { Markup, Scenes, session, Telegraf } from 'telegraf';
import { message } from 'telegraf/filters';

const { BOT_TOKEN, TELEGRAM_API_ROOT, WEBHOOK_URL, WEBHOOK_SECRET, PORT } = process.env;

const signUp = new Scenes.WizardScene(
  'sign-up',
  async (ctx) => {
    await ctx.reply('What is your name?');
    return ctx.wizard.next();
  },
  async (ctx) => {
    ctx.wizard.state.name = ctx.message?.text;
    await ctx.reply('How old are you?');
    return ctx.wizard.next();
  },
  async (ctx) => {
    const age = Number(ctx.message?.text);
    if (!Number.isInteger(age)) return ctx.reply('Please send your age as a number.');
    ctx.wizard.state.age = age;
    await ctx.reply(
      'Which course would you like to take?',
      Markup.inlineKeyboard([
        Markup.button.callback('Pottery', 'pottery'),
        Markup.button.callback('Sailing', 'sailing'),
      ]),
    );
    return ctx.wizard.next();
  },
  async (ctx) => {
    if (ctx.callbackQuery === undefined) return ctx.reply('Please use the buttons.');
    await ctx.answerCbQuery();
    await ctx.reply(`Thank you, you are signed up for ${ctx.callbackQuery.data}.`);
    return ctx.scene.leave();
  },
);

const pinboard = new Scenes.BaseScene('pinboard');
pinboard.enter(async (ctx) => {
  ctx.scene.session.notes = [];
  await ctx.reply('What should hang on the board? Send notes and pictures, and /done in the end.');
});
pinboard.leave((ctx) => ctx.reply('The board is closed.', Markup.removeKeyboard()));
pinboard.command('done', async (ctx) => {
  const { notes } = ctx.scene.session;
  if (notes.length > 0) await ctx.replyWithHTML(`<b>On the board:</b> ${notes.join(', ')}`);
  await ctx.scene.leave();
});
pinboard.on(message('photo'), async (ctx) => {
  const link = await ctx.telegram.getFileLink(ctx.message.photo.at(-1));
  const response = await fetch(link);
  if (!response.ok) throw new Error(`The picture cannot be downloaded: ${response.status}`);
  const source = Buffer.from(await response.arrayBuffer());
  ctx.scene.session.notes.push('a picture');
  await ctx.replyWithPhoto({ source, filename: 'board.jpg' }, { caption: `Framed: ${source.length} bytes` });
});
pinboard.on(message('text'), async (ctx) => {
  ctx.scene.session.notes.push(ctx.message.text);
  await ctx.reply('Pinned.', Markup.keyboard(['/done']).resize());
});

const bot = new Telegraf(BOT_TOKEN, { telegram: { apiRoot: TELEGRAM_API_ROOT } });
bot.use(session());
bot.use(new Scenes.Stage([signUp, pinboard]).middleware());
bot.start((ctx) => ctx.scene.enter('sign-up'));
bot.command('pinboard', (ctx) => ctx.scene.enter('pinboard'));

if (WEBHOOK_URL) {
  const { pathname } = new URL(WEBHOOK_URL);
  const server = http.createServer(bot.webhookCallback(pathname, { secretToken: WEBHOOK_SECRET }));
  await new Promise((resolve) => server.listen(Number(PORT), '127.0.0.1', resolve));
  await bot.telegram.setWebhook(WEBHOOK_URL, { secret_token: WEBHOOK_SECRET });
  process.once('SIGTERM', () => process.exit(0));
} else {
  process.once('SIGTERM', () => bot.stop('SIGTERM'));
  await bot.launch();
}
