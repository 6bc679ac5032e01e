"""Calls many methods of pyTelegramBotAPI once, and prints a line of JSON for each that fails."""

import json
import os
from io import BytesIO

import telebot
from telebot import apihelper
from telebot import types as t

PERSON = int(os.environ["PERSON_ID"])
MEMBER = int(os.environ["MEMBER_ID"])
GROUP = int(os.environ["GROUP_ID"])
INLINE = os.environ["INLINE_QUERY_ID"]
HOOK = os.environ["WEBHOOK_URL"]
BYTES = bytes(range(256)) * 8
ROOT = os.environ["TELEGRAM_API_ROOT"]
apihelper.API_URL = ROOT + "/bot{0}/{1}"
apihelper.FILE_URL = ROOT + "/file/bot{0}/{1}"
bot = telebot.TeleBot(os.environ["BOT_TOKEN"], threaded=False)
calls = 0


def upload():
    return t.InputFile(BytesIO(BYTES))


def attempt(method, *args, **options):
    """The result, or nothing when it fails."""
    global calls
    calls += 1
    try:
        return method(*args, **options)
    except Exception as error:
        print(json.dumps({"call": method.__name__, "error": f"{type(error).__name__}: {error}"}), flush=True)
        return None


me = bot.get_me()
attempt(bot.get_updates)
mid = bot.send_message(PERSON, "A *text*", parse_mode="MarkdownV2").message_id
keyboard = t.InlineKeyboardMarkup([[t.InlineKeyboardButton("One", callback_data="1")]])
attempt(bot.send_message, PERSON, "<b>more</b> text", parse_mode="HTML", reply_markup=keyboard,
        reply_parameters=t.ReplyParameters(mid, quote="text"), protect_content=True)
photo = attempt(bot.send_photo, PERSON, BYTES, caption="A photo", has_spoiler=True)
attempt(bot.send_audio, PERSON, BYTES, title="Song", performer="Her", duration=3)
document = attempt(bot.send_document, PERSON, BYTES, visible_file_name="a.pdf", caption="A file")
attempt(bot.send_video, PERSON, BYTES, width=64, height=48, duration=2)
attempt(bot.send_animation, PERSON, BYTES, width=64, height=48, duration=2)
attempt(bot.send_voice, PERSON, BYTES, duration=2)
attempt(bot.send_video_note, PERSON, BYTES, length=240, duration=2)
sticker = attempt(bot.send_sticker, PERSON, BYTES, emoji="🙂")
attempt(bot.send_media_group, PERSON, [
    t.InputMediaPhoto(upload(), caption="1"),
    t.InputMediaVideo(upload()),
    t.InputMediaPhoto(photo.photo[-1].file_id),
])
attempt(bot.send_paid_media, PERSON, 5, [t.InputPaidMediaPhoto(photo.photo[-1].file_id)])
location = attempt(bot.send_location, PERSON, 48.2, 16.37, live_period=600)
attempt(bot.edit_message_live_location, 48.3, 16.4, chat_id=PERSON, message_id=location.message_id)
attempt(bot.stop_message_live_location, chat_id=PERSON, message_id=location.message_id)
attempt(bot.send_venue, PERSON, 48.2, 16.37, "A place", "A street")
attempt(bot.send_contact, PERSON, "+10005550123", "Ann", last_name="Other")
attempt(bot.send_dice, PERSON, emoji="🏀")
poll = attempt(bot.send_poll, PERSON, "Which?", [t.InputPollOption("One"), t.InputPollOption("Two")])
attempt(bot.stop_poll, PERSON, poll.message_id)
attempt(bot.send_chat_action, PERSON, "typing")
attempt(bot.edit_message_text, "Another text", PERSON, mid, reply_markup=keyboard)
attempt(bot.edit_message_reply_markup, PERSON, mid)
attempt(bot.edit_message_caption, "New", PERSON, photo.message_id)
attempt(bot.edit_message_media, t.InputMediaPhoto(upload()), PERSON, photo.message_id)
attempt(bot.forward_message, GROUP, PERSON, mid)
attempt(bot.forward_messages, PERSON, PERSON, [mid, photo.message_id])
attempt(bot.copy_message, PERSON, PERSON, document.message_id, caption="Copied")
attempt(bot.copy_messages, PERSON, PERSON, [mid, photo.message_id])
attempt(bot.set_message_reaction, PERSON, mid, [t.ReactionTypeEmoji("🔥")], is_big=False)
attempt(bot.pin_chat_message, PERSON, mid)
attempt(bot.unpin_chat_message, PERSON, mid)
attempt(bot.unpin_all_chat_messages, GROUP)
file = attempt(bot.get_file, document.document.file_id)
attempt(bot.download_file, file.file_path)
attempt(bot.get_chat, GROUP)
attempt(bot.get_chat, PERSON)
attempt(bot.get_chat_member, GROUP, MEMBER)
attempt(bot.get_chat_administrators, GROUP)
attempt(bot.get_chat_member_count, GROUP)
attempt(bot.restrict_chat_member, GROUP, MEMBER, permissions=t.ChatPermissions(can_send_messages=True))
attempt(bot.promote_chat_member, GROUP, MEMBER, can_pin_messages=True)
attempt(bot.set_chat_administrator_custom_title, GROUP, MEMBER, "Helper")
attempt(bot.ban_chat_member, GROUP, MEMBER)
attempt(bot.unban_chat_member, GROUP, MEMBER)
attempt(bot.set_chat_permissions, GROUP, t.ChatPermissions(can_send_messages=True))
attempt(bot.set_chat_title, GROUP, "Another title")
attempt(bot.set_chat_description, GROUP, "Words")
attempt(bot.set_chat_photo, GROUP, BYTES)
attempt(bot.delete_chat_photo, GROUP)
link = attempt(bot.create_chat_invite_link, GROUP, name="Door")
attempt(bot.edit_chat_invite_link, GROUP, link.invite_link, name="Gate")
attempt(bot.revoke_chat_invite_link, GROUP, link.invite_link)
attempt(bot.export_chat_invite_link, GROUP)
topic = attempt(bot.create_forum_topic, GROUP, "News")
attempt(bot.send_message, GROUP, "news", message_thread_id=topic.message_thread_id)
attempt(bot.edit_forum_topic, GROUP, topic.message_thread_id, name="Olds")
attempt(bot.close_forum_topic, GROUP, topic.message_thread_id)
attempt(bot.reopen_forum_topic, GROUP, topic.message_thread_id)
attempt(bot.delete_forum_topic, GROUP, topic.message_thread_id)
attempt(bot.get_forum_topic_icon_stickers)
attempt(bot.set_my_commands, [t.BotCommand("start", "Begin")], scope=t.BotCommandScopeChat(PERSON))
attempt(bot.get_my_commands, scope=t.BotCommandScopeChat(PERSON))
attempt(bot.delete_my_commands, scope=t.BotCommandScopeChat(PERSON))
attempt(bot.set_my_name, "A name")
attempt(bot.get_my_name)
attempt(bot.set_my_description, "Words")
attempt(bot.get_my_short_description)
attempt(bot.set_chat_menu_button, PERSON, t.MenuButtonCommands())
attempt(bot.get_chat_menu_button, PERSON)
attempt(bot.get_my_default_administrator_rights)
attempt(bot.get_user_profile_photos, PERSON)
attempt(bot.send_invoice, PERSON, "Tea", "A cup", "tea-1", "", "XTR", [t.LabeledPrice("Tea", 5)])
attempt(bot.create_invoice_link, "Tea", "A cup", "tea-1", "", "XTR", [t.LabeledPrice("Tea", 5)])
attempt(bot.get_star_transactions)
article = t.InlineQueryResultArticle("1", "One", t.InputTextMessageContent("one"))
attempt(bot.answer_inline_query, INLINE, [article], cache_time=0)
attempt(bot.save_prepared_inline_message, PERSON, article, allow_user_chats=True)
stickers = f"cats_by_{me.username}"
attempt(bot.upload_sticker_file, PERSON, sticker=upload(), sticker_format="static")
attempt(bot.create_new_sticker_set, PERSON, stickers, "Cats", stickers=[t.InputSticker(upload(), ["🐱"], format="static")])
attempt(bot.get_sticker_set, stickers)
attempt(bot.delete_sticker_set, stickers)
attempt(bot.delete_message, PERSON, sticker.message_id)
attempt(bot.delete_messages, PERSON, [mid, photo.message_id])
attempt(bot.set_webhook, HOOK, allowed_updates=["message"], secret_token="s")
attempt(bot.get_webhook_info)
attempt(bot.delete_webhook, drop_pending_updates=True)
attempt(bot.leave_chat, GROUP)
print(json.dumps({"calls": calls}))
