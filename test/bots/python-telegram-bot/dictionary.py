"""A Swedish dictionary with python-telegram-bot's own webhook: its words are in MongoDB. BUG names one mistake."""

import os
from urllib.parse import urlparse

from pymongo import AsyncMongoClient, UpdateOne
from telegram import Update
from telegram.ext import Application, CommandHandler, ContextTypes, MessageHandler, filters

SWEDISH = {
    "river": "älv",
    "stone": "sten",
    "lamp": "lampa",
    "bread": "bröd",
    "window": "fönster",
    "autumn": "höst",
}

words = AsyncMongoClient(os.environ["MONGO_URI"]).get_default_database()["words"]


async def fill(application: Application) -> None:
    await words.bulk_write(
        [
            UpdateOne({"_id": word}, {"$set": {"swedish": swedish}}, upsert=True)
            for word, swedish in SWEDISH.items()
        ]
    )


async def start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    await update.message.reply_text("Send me words, and I tell you what they are in Swedish.")


async def translate(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    word = await words.find_one({"_id": update.message.text.lower()})
    await update.message.reply_text(word["swedish"] if word else "I do not know that one.")


def main() -> None:
    builder = (
        Application.builder()
        .token(os.environ["BOT_TOKEN"])
        .base_url(os.environ["TELEGRAM_API_ROOT"] + "/bot")
        .post_init(fill)
    )
    if os.environ.get("BUG") == "concurrent-updates":
        # One slow look-up must not hold up everybody else.
        builder = builder.concurrent_updates(True)
    application = builder.build()
    application.add_handler(CommandHandler("start", start))
    application.add_handler(MessageHandler(filters.TEXT & ~filters.COMMAND, translate))
    application.run_webhook(
        listen="127.0.0.1",
        port=int(os.environ["PORT"]),
        url_path=urlparse(os.environ["WEBHOOK_URL"]).path.lstrip("/"),
        webhook_url=os.environ["WEBHOOK_URL"],
        secret_token=os.environ["WEBHOOK_SECRET"],
    )


if __name__ == "__main__":
    main()
