"""The same sign-up dialogue with python-telegram-bot: a ConversationHandler, its state in memory."""

import os
from urllib.parse import urlparse

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    filters,
)

NAME, AGE, COURSE = range(3)


async def start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    await update.message.reply_text("What is your name?")
    return NAME


async def name(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    context.user_data["name"] = update.message.text
    await update.message.reply_text("How old are you?")
    return AGE


async def age(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    context.user_data["age"] = int(update.message.text)
    keyboard = [
        [
            InlineKeyboardButton("Pottery", callback_data="pottery"),
            InlineKeyboardButton("Sailing", callback_data="sailing"),
        ]
    ]
    await update.message.reply_text(
        "Which course would you like to take?",
        reply_markup=InlineKeyboardMarkup(keyboard),
    )
    return COURSE


async def course(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    query = update.callback_query
    await query.answer()
    await query.message.reply_text(f"Thank you, you are signed up for {query.data}.")
    return ConversationHandler.END


async def not_a_number(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    await update.message.reply_text("Please send your age as a number.")
    return AGE


def main() -> None:
    application = (
        Application.builder()
        .token(os.environ["BOT_TOKEN"])
        .base_url(os.environ["TELEGRAM_API_ROOT"] + "/bot")
        .build()
    )
    application.add_handler(
        ConversationHandler(
            entry_points=[CommandHandler("start", start)],
            states={
                NAME: [MessageHandler(filters.TEXT & ~filters.COMMAND, name)],
                AGE: [
                    MessageHandler(filters.Regex(r"^\d+$"), age),
                    MessageHandler(filters.TEXT & ~filters.COMMAND, not_a_number),
                ],
                COURSE: [CallbackQueryHandler(course)],
            },
            fallbacks=[CommandHandler("start", start)],
        )
    )

    webhook_url = os.environ.get("WEBHOOK_URL")
    if webhook_url:
        application.run_webhook(
            listen="127.0.0.1",
            port=int(os.environ["PORT"]),
            url_path=urlparse(webhook_url).path.lstrip("/"),
            webhook_url=webhook_url,
            secret_token=os.environ["WEBHOOK_SECRET"],
        )
    else:
        application.run_polling()


if __name__ == "__main__":
    main()
