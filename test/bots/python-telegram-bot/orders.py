"""A pizza service with python-telegram-bot behind aiohttp, as others put it behind FastAPI: `process_update` is
awaited, and the order of each chat is in MongoDB. BUG names one mistake."""

import asyncio
import json
import logging
import os
import signal
import sys
from urllib.parse import urlparse

from aiohttp import web
from bson import ObjectId
from pymongo import AsyncMongoClient
from pymongo.errors import DuplicateKeyError, PyMongoError
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    PicklePersistence,
    filters,
)

BUG = os.environ.get("BUG")
PIZZA, STREET, CITY, CONFIRM = range(4)

db = AsyncMongoClient(os.environ["MONGO_URI"]).get_default_database()

MENU = InlineKeyboardMarkup(
    [
        [
            InlineKeyboardButton("Margherita", callback_data="pizza:Margherita"),
            InlineKeyboardButton("Funghi", callback_data="pizza:Funghi"),
        ]
    ]
)
CONFIRMATION = InlineKeyboardMarkup(
    [
        [
            InlineKeyboardButton("Order now", callback_data="confirm"),
            InlineKeyboardButton("Start again", callback_data="again"),
        ]
    ]
)


async def start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    if update.callback_query:
        await update.callback_query.answer()
    context.user_data.clear()
    await update.effective_chat.send_message("Which pizza would you like?", reply_markup=MENU)
    return PIZZA


async def pizza(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    await update.callback_query.answer()
    context.user_data["pizza"] = update.callback_query.data.removeprefix("pizza:")
    await update.effective_chat.send_message("Which street do you live in?")
    return STREET


async def street(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    context.user_data["street"] = update.message.text
    await update.effective_chat.send_message("Which city is that in?")
    return CITY


async def city(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    context.user_data["city"] = update.message.text
    order = context.user_data
    await update.effective_chat.send_message(
        f"One {order['pizza']} to {order['street']}, {order['city']}. Is that right?", reply_markup=CONFIRMATION
    )
    return CONFIRM


async def confirm(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    await update.callback_query.answer()
    await db.orders.insert_one({"_id": ObjectId(), "chat": update.effective_chat.id, **context.user_data})
    context.user_data.clear()
    await update.effective_chat.send_message("Thank you, your pizza is on its way.")
    return ConversationHandler.END


async def otherwise(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    if update.callback_query:
        await update.callback_query.answer()
        return
    await update.message.reply_text("Send /start to order a pizza.")


TEXT = filters.TEXT & ~filters.COMMAND
HANDLERS = {
    PIZZA: [CallbackQueryHandler(pizza, pattern="^pizza:")],
    STREET: [MessageHandler(TEXT, street)],
    CITY: [MessageHandler(TEXT, city)],
    CONFIRM: [
        CallbackQueryHandler(confirm, pattern="^confirm$"),
        CallbackQueryHandler(start, pattern="^again$"),
    ],
}


def conversation() -> ConversationHandler:
    """The state is in this process, whatever is persisted: other instances never read it back."""
    return ConversationHandler(
        entry_points=[CommandHandler("start", start)],
        states=HANDLERS,
        fallbacks=[],
        # Without it, /start says nothing to those who are in the middle of an order.
        allow_reentry=BUG != "no-reentry",
        name="order",
        persistent=BUG != "memory",
    )


async def step_from_database(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Reads where the chat is for every update, so that any instance can go on, also after a restart."""
    chat = update.effective_chat.id
    session = await db.sessions.find_one({"_id": chat}) or {}
    context.user_data.clear()
    context.user_data.update(session.get("order", {}))
    candidates = [CommandHandler("start", start), *HANDLERS.get(session.get("step"), [])]
    for handler in candidates:
        check = handler.check_update(update)
        if check is None or check is False:
            continue
        before = dict(context.user_data)
        step = await handler.handle_update(update, context.application, check, context)
        if dict(context.user_data) != before or step != session.get("step"):
            await db.sessions.update_one(
                {"_id": chat}, {"$set": {"step": step, "order": dict(context.user_data)}}, upsert=True
            )
        return
    await otherwise(update, context)


def build() -> Application:
    builder = Application.builder().token(os.environ["BOT_TOKEN"]).base_url(os.environ["TELEGRAM_API_ROOT"] + "/bot")
    if BUG in ("pickle", "no-reentry"):
        builder = builder.persistence(PicklePersistence(filepath=f"orders-{os.environ.get('PORT')}.pickle"))
    application = builder.updater(None).build() if os.environ.get("WEBHOOK_URL") else builder.build()
    if BUG in ("memory", "pickle", "no-reentry"):
        application.add_handler(conversation())
        application.add_handler(MessageHandler(TEXT, otherwise))
        application.add_handler(CallbackQueryHandler(otherwise))
    else:
        application.add_handler(MessageHandler(filters.ALL, step_from_database))
        application.add_handler(CallbackQueryHandler(step_from_database))
    return application


def read_prices() -> dict[str, int]:
    """What the pizzas cost, from the file of PRICES; without it they cost the same."""
    path = os.environ.get("PRICES")
    if path is None:
        return {"Margherita": 8, "Funghi": 8}
    with open(path, encoding="utf-8") as file:
        return json.load(file)


async def serve(application: Application) -> None:
    ready = False
    turns: dict[int, asyncio.Lock] = {}

    async def hook(request: web.Request) -> web.Response:
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        if secret != os.environ["WEBHOOK_SECRET"] and BUG != "open-webhook":
            return web.Response(status=401)
        if not ready:
            # Only with BUG=survive.
            return web.json_response({"ok": False, "error": "the bot is not available"})
        data = await request.json()
        if BUG != "no-guard" and BUG != "statistics":
            try:
                await db.updates.insert_one({"_id": data["update_id"]})
            except DuplicateKeyError:
                return web.Response()
        update = Update.de_json(data, application.bot)
        if BUG == "queue":
            # As the example of the library does it.
            await application.update_queue.put(update)
            return web.Response()
        if update.effective_chat is None and BUG != "every-chat":
            # Nothing that this bot has an answer to.
            return web.Response()
        chat = update.effective_chat.id
        async with turns.setdefault(chat, asyncio.Lock()):
            await application.process_update(update)
        await count(data)
        return web.Response()

    async def count(data: dict) -> None:
        try:
            await db.statistics.insert_one({"update": data["update_id"], "kinds": [key for key in data if key != "update_id"]})
        except PyMongoError as error:
            if BUG == "statistics":
                raise
            logging.warning("not counted: %s", error)

    app = web.Application()
    app.router.add_post(urlparse(os.environ["WEBHOOK_URL"]).path, hook)
    app.router.add_get("/health", lambda _: web.Response())
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        application.bot_data["prices"] = read_prices()
        await application.initialize()
        await application.start()
        ready = True
    except Exception:
        if BUG != "survive":
            raise
        # The health check of the platform wants a server that stays up.
        logging.exception("the bot could not be started")
    # It listens once it can work: what waits at Telegram comes at once, also before setWebhook is answered.
    await web.TCPSite(runner, "127.0.0.1", int(os.environ["PORT"])).start()
    if ready and not os.environ.get("WEBHOOK_IS_SET"):
        await application.bot.set_webhook(
            os.environ["WEBHOOK_URL"],
            secret_token=os.environ["WEBHOOK_SECRET"],
            drop_pending_updates=BUG == "drop-pending",
        )
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
    await runner.cleanup()
    if ready:
        await application.stop()
        await application.shutdown()


def main() -> None:
    application = build()
    if os.environ.get("WEBHOOK_URL"):
        asyncio.run(serve(application))
    else:
        application.run_polling(allowed_updates=Update.ALL_TYPES)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, stream=sys.stdout)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    main()
