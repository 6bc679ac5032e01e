"""A feedback form with aiogram 3: a router, a StatesGroup, callback data classes, its state in MongoDB."""

import asyncio
import logging
import os
import sys
from urllib.parse import urlparse

from aiogram import Bot, Dispatcher, F, Router, html
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.filters import Command, CommandStart
from aiogram.filters.callback_data import CallbackData
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.pymongo import PyMongoStorage
from aiogram.types import CallbackQuery, KeyboardButton, Message, ReplyKeyboardMarkup, ReplyKeyboardRemove
from aiogram.utils.keyboard import InlineKeyboardBuilder
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web

router = Router()


class Feedback(StatesGroup):
    dish = State()
    stars = State()
    words = State()


class Stars(CallbackData, prefix="stars"):
    count: int


@router.message(CommandStart())
async def start(message: Message, state: FSMContext) -> None:
    await state.set_state(Feedback.dish)
    await message.answer(
        f"Hello, {html.bold(html.quote(message.from_user.full_name))}! What did you eat?",
        reply_markup=ReplyKeyboardRemove(),
    )


@router.message(Command("cancel"))
async def cancel(message: Message, state: FSMContext) -> None:
    if await state.get_state() is None:
        await message.answer("There is nothing to cancel.")
        return
    await state.clear()
    await message.answer("Cancelled.", reply_markup=ReplyKeyboardRemove())


@router.message(Feedback.dish, F.text)
async def dish(message: Message, state: FSMContext) -> None:
    await state.update_data(dish=message.text)
    await state.set_state(Feedback.stars)
    builder = InlineKeyboardBuilder()
    for count in range(1, 6):
        builder.button(text="★" * count, callback_data=Stars(count=count))
    builder.adjust(3, 2)
    await message.answer(
        f"How many stars for {html.italic(html.quote(message.text))}?", reply_markup=builder.as_markup()
    )


@router.callback_query(Feedback.stars, Stars.filter())
async def stars(query: CallbackQuery, callback_data: Stars, state: FSMContext) -> None:
    await state.update_data(stars=callback_data.count)
    await state.set_state(Feedback.words)
    await query.answer("Thank you!")
    await query.message.edit_reply_markup()
    await query.message.answer(
        "Anything to add?",
        reply_markup=ReplyKeyboardMarkup(
            keyboard=[[KeyboardButton(text="Nothing")]], resize_keyboard=True, one_time_keyboard=True
        ),
    )


@router.message(Feedback.stars)
async def tap_please(message: Message) -> None:
    await message.reply("Please tap the stars.")


@router.message(Feedback.words, F.text.casefold() == "nothing")
async def no_words(message: Message, state: FSMContext) -> None:
    await finish(message, state)


@router.message(Feedback.words, F.text)
async def words(message: Message, state: FSMContext) -> None:
    await state.update_data(words=message.text)
    await finish(message, state)


async def finish(message: Message, state: FSMContext) -> None:
    data = await state.get_data()
    await state.clear()
    added = f", “{html.quote(data['words'])}”" if "words" in data else ""
    await message.answer(
        f"Noted: {html.quote(data['dish'])}, {data['stars']} of 5{added}.", reply_markup=ReplyKeyboardRemove()
    )


async def on_startup(bot: Bot) -> None:
    await bot.set_webhook(os.environ["WEBHOOK_URL"], secret_token=os.environ["WEBHOOK_SECRET"])


def main() -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(os.environ["TELEGRAM_API_ROOT"]))
    bot = Bot(os.environ["BOT_TOKEN"], session=session, default=DefaultBotProperties(parse_mode=ParseMode.HTML))
    dispatcher = Dispatcher(storage=PyMongoStorage.from_url(os.environ["MONGO_URI"]))
    dispatcher.include_router(router)

    webhook_url = os.environ.get("WEBHOOK_URL")
    if not webhook_url:
        asyncio.run(dispatcher.start_polling(bot))
        return
    dispatcher.startup.register(on_startup)
    app = web.Application()
    SimpleRequestHandler(
        dispatcher=dispatcher, bot=bot, secret_token=os.environ["WEBHOOK_SECRET"]
    ).register(app, path=urlparse(webhook_url).path)
    setup_application(app, dispatcher, bot=bot)
    web.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, stream=sys.stdout)
    main()
