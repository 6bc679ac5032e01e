"""A library desk with pyTelegramBotAPI: its state handlers, custom filters, both kinds of keyboard."""

import os
from urllib.parse import urlparse

import telebot
from aiohttp import web
from telebot import apihelper, custom_filters, types
from telebot.states import State, StatesGroup
from telebot.states.sync import StateContext, StateMiddleware
from telebot.storage import StateMemoryStorage

apihelper.API_URL = os.environ["TELEGRAM_API_ROOT"] + "/bot{0}/{1}"

bot = telebot.TeleBot(
    os.environ["BOT_TOKEN"], state_storage=StateMemoryStorage(), use_class_middlewares=True
)


class Loan(StatesGroup):
    title = State()
    days = State()
    sure = State()


@bot.message_handler(commands=["start"])
def start(message: types.Message, state: StateContext):
    state.delete()
    keyboard = types.ReplyKeyboardMarkup(resize_keyboard=True)
    keyboard.add(types.KeyboardButton("Borrow a book"), types.KeyboardButton("Opening hours"))
    bot.send_message(message.chat.id, "Welcome to the library.", reply_markup=keyboard)


@bot.message_handler(func=lambda message: message.text == "Opening hours")
def hours(message: types.Message):
    bot.reply_to(message, "From *nine* to _five_\\.", parse_mode="MarkdownV2")


@bot.message_handler(func=lambda message: message.text == "Borrow a book")
def borrow(message: types.Message, state: StateContext):
    state.set(Loan.title)
    bot.send_message(message.chat.id, "Which book?", reply_markup=types.ReplyKeyboardRemove())


@bot.message_handler(state=Loan.title)
def title(message: types.Message, state: StateContext):
    state.set(Loan.days)
    state.add_data(title=message.text)
    bot.send_message(message.chat.id, "For how many days?", reply_markup=types.ForceReply())


@bot.message_handler(state=Loan.days, is_digit=True)
def days(message: types.Message, state: StateContext):
    state.set(Loan.sure)
    state.add_data(days=int(message.text))
    with state.data() as data:
        question = f"{data['title']}, for {data['days']} days?"
    keyboard = types.InlineKeyboardMarkup()
    keyboard.row(
        types.InlineKeyboardButton("Yes", callback_data="yes"),
        types.InlineKeyboardButton("No", callback_data="no"),
    )
    bot.send_message(message.chat.id, question, reply_markup=keyboard)


@bot.message_handler(state=Loan.days, is_digit=False)
def not_days(message: types.Message):
    bot.send_message(message.chat.id, "A number, please.")


@bot.callback_query_handler(func=lambda query: query.data == "yes", state=Loan.sure)
def yes(query: types.CallbackQuery, state: StateContext):
    with state.data() as data:
        text = f"{data['title']} is yours for {data['days']} days."
    state.delete()
    bot.answer_callback_query(query.id, "Enjoy it")
    bot.edit_message_text(text, query.message.chat.id, query.message.message_id)


@bot.callback_query_handler(func=lambda query: query.data == "no", state=Loan.sure)
def no(query: types.CallbackQuery, state: StateContext):
    state.set(Loan.title)
    bot.answer_callback_query(query.id)
    bot.send_message(query.message.chat.id, "Which book, then?")


bot.add_custom_filter(custom_filters.StateFilter(bot))
bot.add_custom_filter(custom_filters.IsDigitFilter())
bot.setup_middleware(StateMiddleware(bot))


async def handle(request: web.Request) -> web.Response:
    if request.headers.get("X-Telegram-Bot-Api-Secret-Token") != os.environ["WEBHOOK_SECRET"]:
        return web.Response(status=403)
    bot.process_new_updates([types.Update.de_json(await request.json())])
    return web.Response()


def main() -> None:
    webhook_url = os.environ.get("WEBHOOK_URL")
    bot.remove_webhook()
    if not webhook_url:
        bot.infinity_polling()
        return
    bot.set_webhook(url=webhook_url, secret_token=os.environ["WEBHOOK_SECRET"])
    app = web.Application()
    app.router.add_post(urlparse(webhook_url).path, handle)
    web.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]))


if __name__ == "__main__":
    main()
