"""A pizza service with aiogram 3: a StatesGroup, its state in MongoDB, SimpleRequestHandler as in its documentation.
BUG names one mistake."""

import asyncio
import logging
import os
import sys
import time
from collections import deque
from urllib.parse import urlparse

from aiogram import BaseMiddleware, Bot, Dispatcher, F, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.session.middlewares.base import BaseRequestMiddleware
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramRetryAfter, TelegramServerError
from aiogram.filters import Command, CommandObject, CommandStart, StateFilter, invert_f
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.memory import MemoryStorage, SimpleEventIsolation
from aiogram.fsm.storage.pymongo import PyMongoStorage
from aiogram.types import CallbackQuery, Message
from aiogram.utils.keyboard import InlineKeyboardBuilder
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web
from pymongo import AsyncMongoClient
from pymongo.errors import DuplicateKeyError

BUG = os.environ.get("BUG")
router = Router()
client = AsyncMongoClient(os.environ["MONGO_URI"])
db = client.get_default_database()


class Order(StatesGroup):
    pizza = State()
    street = State()
    city = State()
    confirm = State()


def keyboard(**buttons: str):
    builder = InlineKeyboardBuilder()
    for data, label in buttons.items():
        builder.button(text=label, callback_data=data)
    return builder.as_markup()


async def known(message: Message) -> None:
    """Keeps who has been here."""
    user = {"_id": message.from_user.id, "name": message.from_user.full_name}
    if BUG == "first-contact":
        if await db.users.find_one({"_id": user["_id"]}) is None:
            await db.users.insert_one(user)
        return
    await db.users.update_one({"_id": user["_id"]}, {"$set": user}, upsert=True)


async def ask(message: Message, state: FSMContext, text: str, reply_markup=None) -> None:
    question = await message.answer(text, reply_markup=reply_markup)
    await state.update_data(asked=question.message_id)


@router.message(CommandStart())
async def start(message: Message, state: FSMContext) -> None:
    await known(message)
    await state.set_data({})
    await state.set_state(Order.pizza)
    await ask(message, state, "Which pizza would you like?", keyboard(Margherita="Margherita", Funghi="Funghi"))


@router.message(Command("note"))
async def note(message: Message, command: CommandObject, state: FSMContext) -> None:
    await state.update_data(note=command.args)


@router.message(Command("mynote"))
async def my_note(message: Message, state: FSMContext) -> None:
    left = (await state.get_data()).get("note")
    await message.answer("You have left no note." if left is None else f"For the kitchen: {left}")


async def answer(query: CallbackQuery) -> None:
    try:
        await query.answer()
    except TelegramBadRequest as error:
        # The tap is old. What it asks for is not.
        if BUG == "expired":
            raise
        logging.warning("%s", error)


@router.callback_query(Order.pizza, F.data.in_({"Margherita", "Funghi"}))
async def pizza(query: CallbackQuery, state: FSMContext) -> None:
    data = await state.get_data()
    await answer(query)
    await state.set_data({**data, "pizza": query.data})
    await state.set_state(Order.street)
    await ask(query.message, state, "Which street do you live in?")


async def is_answer(message: Message, state: FSMContext) -> bool:
    """What was written before the question was asked does not answer it: people send again when nothing comes."""
    return BUG == "any-text" or message.message_id > (await state.get_data()).get("asked", 0)


@router.message(Order.street, F.text, is_answer)
async def street(message: Message, state: FSMContext) -> None:
    await state.update_data(street=message.text)
    await state.set_state(Order.city)
    await ask(message, state, "Which city is that in?")


@router.message(Order.city, F.text, is_answer)
async def city(message: Message, state: FSMContext) -> None:
    data = await state.update_data(city=message.text)
    await state.set_state(Order.confirm)
    await ask(
        message,
        state,
        f"One {data['pizza']} to {data['street']}, {data['city']}. Is that right?",
        keyboard(confirm="Order now", again="Start again"),
    )


@router.callback_query(Order.confirm, F.data == "confirm")
async def confirm(query: CallbackQuery, state: FSMContext) -> None:
    await answer(query)
    data = await state.get_data()
    await state.clear()
    await db.orders.insert_one({"chat": query.message.chat.id, **data})
    await query.message.answer("Thank you, your pizza is on its way.")


@router.callback_query()
async def stale(query: CallbackQuery) -> None:
    await answer(query)


@router.message(StateFilter(Order), F.text, invert_f(is_answer))
async def sent_again(message: Message) -> None:
    logging.info("%s was sent before the question", message.message_id)


@router.message()
async def otherwise(message: Message) -> None:
    await message.answer("Send /start to order a pizza.")


class OnlyOnce(BaseMiddleware):
    """Takes each update once, whichever instance it comes to."""

    async def __call__(self, handler, event, data):
        try:
            await db.updates.insert_one({"_id": event.update_id})
        except DuplicateKeyError:
            return None
        return await handler(event, data)


class Retry(BaseRequestMiddleware):
    """Sends again what Telegram says it did not do."""

    async def __call__(self, make_request, bot, method):
        for _ in range(3):
            try:
                return await make_request(bot, method)
            except TelegramRetryAfter as error:
                await asyncio.sleep(error.retry_after)
            except TelegramServerError:
                await asyncio.sleep(0.3)
        return await make_request(bot, method)


@router.errors()
async def failed(event) -> bool:
    logging.error("%r", event.exception)
    message = event.update.message
    if message is not None and not isinstance(event.exception, TelegramAPIError):
        await message.answer("Something went wrong, please try again later.")
    return True


@web.middleware
async def limited(request: web.Request, handler):
    """So many requests a minute from one address."""
    now = time.monotonic()
    while requests and now - requests[0] > 60:
        requests.popleft()
    requests.append(now)
    if len(requests) > 60:
        raise web.HTTPServiceUnavailable()
    return await handler(request)


requests: deque[float] = deque()


async def on_startup(bot: Bot) -> None:
    secret = {} if BUG == "no-secret" else {"secret_token": os.environ["WEBHOOK_SECRET"]}
    await bot.set_webhook(os.environ["WEBHOOK_URL"], **secret)


def main() -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(os.environ["TELEGRAM_API_ROOT"]))
    if BUG != "no-retry":
        session.middleware(Retry())
    bot = Bot(os.environ["BOT_TOKEN"], session=session)
    storage = MemoryStorage() if BUG == "memory" else PyMongoStorage(client, db_name=db.name)
    # SimpleRequestHandler works on several updates of a chat at the same time.
    isolation = None if BUG in ("race", "first-contact") else SimpleEventIsolation()
    dispatcher = Dispatcher(storage=storage, events_isolation=isolation)
    if BUG not in ("slow-webhook", "first-contact"):
        dispatcher.update.outer_middleware(OnlyOnce())
    dispatcher.include_router(router)
    dispatcher.startup.register(on_startup)

    app = web.Application(middlewares=[limited] if BUG == "rate-limiter" else [])
    SimpleRequestHandler(
        dispatcher=dispatcher,
        bot=bot,
        # Where a process runs only while it has a request, the answer must come last.
        handle_in_background=BUG != "slow-webhook" and "SERVERLESS" not in os.environ,
        secret_token=None if BUG == "no-secret" else os.environ["WEBHOOK_SECRET"],
    ).register(app, path=urlparse(os.environ["WEBHOOK_URL"]).path)
    setup_application(app, dispatcher, bot=bot)
    web.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, stream=sys.stdout)
    main()
