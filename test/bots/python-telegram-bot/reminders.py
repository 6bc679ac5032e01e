"""Reminders with python-telegram-bot: a persistent ConversationHandler, an inline keyboard and the JobQueue."""

import os
from html import escape
from urllib.parse import urlparse

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

WHAT, WHEN = range(2)


async def start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    await update.message.reply_text("What shall I remind you of?")
    return WHAT


async def what(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    context.user_data["what"] = update.message.text
    keyboard = [
        [
            InlineKeyboardButton("In a second", callback_data="1"),
            InlineKeyboardButton("Tomorrow", callback_data="86400"),
        ],
        [InlineKeyboardButton("Never mind", callback_data="never")],
    ]
    await update.message.reply_text(
        f"When shall I remind you of <b>{escape(update.message.text)}</b>?",
        parse_mode="HTML",
        reply_markup=InlineKeyboardMarkup(keyboard),
    )
    return WHEN


async def remind(context: ContextTypes.DEFAULT_TYPE) -> None:
    await context.bot.send_message(context.job.chat_id, text=f"It is time: {context.job.data}")


async def when(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    query = update.callback_query
    await query.answer("Noted")
    thing = context.user_data["what"]
    context.user_data.setdefault("all", []).append(thing)
    await query.edit_message_text(f"I will remind you of {thing}.")
    context.job_queue.run_once(
        remind, int(query.data), chat_id=query.message.chat_id, name=str(query.message.chat_id), data=thing
    )
    return ConversationHandler.END


async def never(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    await update.callback_query.answer()
    await update.callback_query.edit_message_text("Forgotten.")
    return ConversationHandler.END


async def show(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    things = context.user_data.get("all", [])
    if things:
        await update.message.reply_text("\n".join(["Your reminders:", *things]))
    else:
        await update.message.reply_text("You have no reminders.")


def main() -> None:
    application = (
        Application.builder()
        .token(os.environ["BOT_TOKEN"])
        .base_url(os.environ["TELEGRAM_API_ROOT"] + "/bot")
        .persistence(PicklePersistence(filepath="reminders.pickle"))
        .build()
    )
    application.add_handler(
        ConversationHandler(
            entry_points=[CommandHandler("start", start)],
            states={
                WHAT: [MessageHandler(filters.TEXT & ~filters.COMMAND, what)],
                WHEN: [
                    CallbackQueryHandler(when, pattern=r"^\d+$"),
                    CallbackQueryHandler(never, pattern="^never$"),
                ],
            },
            fallbacks=[CommandHandler("start", start)],
            name="reminders",
            persistent=True,
        )
    )
    application.add_handler(CommandHandler("list", show))

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
        application.run_polling(allowed_updates=Update.ALL_TYPES)


if __name__ == "__main__":
    main()
