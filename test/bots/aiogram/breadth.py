"""Calls many methods of aiogram once, and prints a line of JSON for each that fails."""

import asyncio
import json
import os

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    ChatPermissions,
    InlineQueryResultArticle,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    InputPaidMediaPhoto,
    InputSticker,
    InputTextMessageContent,
    LabeledPrice,
    MenuButtonCommands,
    ReactionTypeEmoji,
    ReplyParameters,
)
from aiogram.utils.keyboard import InlineKeyboardBuilder

PERSON = int(os.environ["PERSON_ID"])
MEMBER = int(os.environ["MEMBER_ID"])
GROUP = int(os.environ["GROUP_ID"])
INLINE = os.environ["INLINE_QUERY_ID"]
HOOK = os.environ["WEBHOOK_URL"]
BYTES = bytes(range(256)) * 8
calls = 0


def upload(name):
    return BufferedInputFile(BYTES, name)


async def attempt(name, awaitable):
    """The result, or nothing when it fails."""
    global calls
    calls += 1
    try:
        return await awaitable
    except Exception as error:
        print(json.dumps({"call": name, "error": f"{type(error).__name__}: {error}"}), flush=True)
        return None


async def main():
    session = AiohttpSession(api=TelegramAPIServer.from_base(os.environ["TELEGRAM_API_ROOT"]))
    bot = Bot(os.environ["BOT_TOKEN"], session=session)
    me = await bot.get_me()
    text = await bot.send_message(PERSON, "A *text*", parse_mode="MarkdownV2")
    mid = text.message_id
    builder = InlineKeyboardBuilder()
    builder.button(text="One", callback_data="1")
    keyboard = builder.as_markup()
    await attempt("send_message.reply", bot.send_message(
        PERSON, "<b>more</b> text", parse_mode="HTML", reply_markup=keyboard,
        reply_parameters=ReplyParameters(message_id=mid, quote="text"), protect_content=True))
    photo = await attempt("send_photo", bot.send_photo(PERSON, upload("p.jpg"), caption="A photo", has_spoiler=True))
    await attempt("send_audio", bot.send_audio(PERSON, upload("s.mp3"), title="Song", performer="Her", duration=3))
    document = await attempt("send_document", bot.send_document(PERSON, upload("a.pdf"), caption="A file", thumbnail=upload("t.jpg")))
    await attempt("send_video", bot.send_video(PERSON, upload("v.mp4"), width=64, height=48, duration=2))
    await attempt("send_animation", bot.send_animation(PERSON, upload("a.gif"), width=64, height=48, duration=2))
    await attempt("send_voice", bot.send_voice(PERSON, upload("v.ogg"), duration=2))
    await attempt("send_video_note", bot.send_video_note(PERSON, upload("n.mp4"), length=240, duration=2))
    sticker = await attempt("send_sticker", bot.send_sticker(PERSON, upload("s.webp"), emoji="🙂"))
    await attempt("send_media_group", bot.send_media_group(PERSON, [
        InputMediaPhoto(media=upload("1.jpg"), caption="1"),
        InputMediaVideo(media=upload("2.mp4")),
        InputMediaPhoto(media=photo.photo[-1].file_id),
    ]))
    await attempt("send_media_group.documents", bot.send_media_group(
        PERSON, [InputMediaDocument(media=upload("1.txt")), InputMediaDocument(media=upload("2.txt"))]))
    await attempt("send_paid_media", bot.send_paid_media(PERSON, 5, [InputPaidMediaPhoto(media=upload("paid.jpg"))]))
    location = await attempt("send_location", bot.send_location(PERSON, 48.2, 16.37, live_period=600))
    await attempt("edit_message_live_location", bot.edit_message_live_location(
        latitude=48.3, longitude=16.4, chat_id=PERSON, message_id=location.message_id))
    await attempt("stop_message_live_location", bot.stop_message_live_location(chat_id=PERSON, message_id=location.message_id))
    await attempt("send_venue", bot.send_venue(PERSON, 48.2, 16.37, "A place", "A street"))
    await attempt("send_contact", bot.send_contact(PERSON, "+10005550123", "Ann", last_name="Other"))
    await attempt("send_dice", bot.send_dice(PERSON, emoji="🎲"))
    poll = await attempt("send_poll", bot.send_poll(PERSON, "Which?", ["One", "Two"], is_anonymous=False, allows_multiple_answers=True))
    await attempt("stop_poll", bot.stop_poll(PERSON, poll.message_id))
    await attempt("send_chat_action", bot.send_chat_action(PERSON, "upload_photo"))
    await attempt("edit_message_text", bot.edit_message_text("Another text", chat_id=PERSON, message_id=mid, reply_markup=keyboard))
    await attempt("edit_message_reply_markup", bot.edit_message_reply_markup(chat_id=PERSON, message_id=mid))
    await attempt("edit_message_caption", bot.edit_message_caption(chat_id=PERSON, message_id=photo.message_id, caption="New"))
    await attempt("edit_message_media", bot.edit_message_media(
        InputMediaPhoto(media=upload("new.jpg")), chat_id=PERSON, message_id=photo.message_id))
    await attempt("forward_message", bot.forward_message(GROUP, PERSON, mid))
    await attempt("forward_messages", bot.forward_messages(PERSON, PERSON, [mid, photo.message_id]))
    await attempt("copy_message", bot.copy_message(PERSON, PERSON, document.message_id, caption="Copied"))
    await attempt("copy_messages", bot.copy_messages(PERSON, PERSON, [mid, photo.message_id]))
    await attempt("set_message_reaction", bot.set_message_reaction(PERSON, mid, [ReactionTypeEmoji(emoji="❤")]))
    await attempt("pin_chat_message", bot.pin_chat_message(PERSON, mid))
    await attempt("unpin_chat_message", bot.unpin_chat_message(PERSON, message_id=mid))
    await attempt("unpin_all_chat_messages", bot.unpin_all_chat_messages(GROUP))
    file = await attempt("get_file", bot.get_file(document.document.file_id))
    await attempt("download_file", bot.download_file(file.file_path))
    await attempt("get_chat", bot.get_chat(GROUP))
    await attempt("get_chat.person", bot.get_chat(PERSON))
    await attempt("get_chat_member", bot.get_chat_member(GROUP, MEMBER))
    await attempt("get_chat_administrators", bot.get_chat_administrators(GROUP))
    await attempt("get_chat_member_count", bot.get_chat_member_count(GROUP))
    await attempt("restrict_chat_member", bot.restrict_chat_member(GROUP, MEMBER, ChatPermissions(can_send_messages=True)))
    await attempt("promote_chat_member", bot.promote_chat_member(GROUP, MEMBER, can_pin_messages=True))
    await attempt("set_chat_administrator_custom_title", bot.set_chat_administrator_custom_title(GROUP, MEMBER, "Helper"))
    await attempt("ban_chat_member", bot.ban_chat_member(GROUP, MEMBER))
    await attempt("unban_chat_member", bot.unban_chat_member(GROUP, MEMBER))
    await attempt("set_chat_permissions", bot.set_chat_permissions(GROUP, ChatPermissions(can_send_messages=True)))
    await attempt("set_chat_title", bot.set_chat_title(GROUP, "Another title"))
    await attempt("set_chat_description", bot.set_chat_description(GROUP, "Words"))
    await attempt("set_chat_photo", bot.set_chat_photo(GROUP, upload("c.jpg")))
    await attempt("delete_chat_photo", bot.delete_chat_photo(GROUP))
    link = await attempt("create_chat_invite_link", bot.create_chat_invite_link(GROUP, creates_join_request=True))
    await attempt("edit_chat_invite_link", bot.edit_chat_invite_link(GROUP, link.invite_link, name="Gate"))
    await attempt("revoke_chat_invite_link", bot.revoke_chat_invite_link(GROUP, link.invite_link))
    await attempt("export_chat_invite_link", bot.export_chat_invite_link(GROUP))
    topic = await attempt("create_forum_topic", bot.create_forum_topic(GROUP, "News", icon_color=7322096))
    await attempt("send_message.topic", bot.send_message(GROUP, "news", message_thread_id=topic.message_thread_id))
    await attempt("edit_forum_topic", bot.edit_forum_topic(GROUP, topic.message_thread_id, name="Olds"))
    await attempt("close_forum_topic", bot.close_forum_topic(GROUP, topic.message_thread_id))
    await attempt("reopen_forum_topic", bot.reopen_forum_topic(GROUP, topic.message_thread_id))
    await attempt("delete_forum_topic", bot.delete_forum_topic(GROUP, topic.message_thread_id))
    await attempt("hide_general_forum_topic", bot.hide_general_forum_topic(GROUP))
    await attempt("unhide_general_forum_topic", bot.unhide_general_forum_topic(GROUP))
    await attempt("get_forum_topic_icon_stickers", bot.get_forum_topic_icon_stickers())
    await attempt("set_my_commands", bot.set_my_commands([BotCommand(command="start", description="Begin")]))
    await attempt("get_my_commands", bot.get_my_commands())
    await attempt("delete_my_commands", bot.delete_my_commands())
    await attempt("set_my_name", bot.set_my_name("A name"))
    await attempt("get_my_name", bot.get_my_name())
    await attempt("set_my_short_description", bot.set_my_short_description("Words"))
    await attempt("get_my_description", bot.get_my_description())
    await attempt("set_chat_menu_button", bot.set_chat_menu_button(chat_id=PERSON, menu_button=MenuButtonCommands()))
    await attempt("get_chat_menu_button", bot.get_chat_menu_button(chat_id=PERSON))
    await attempt("get_my_default_administrator_rights", bot.get_my_default_administrator_rights())
    await attempt("get_user_profile_photos", bot.get_user_profile_photos(PERSON))
    prices = [LabeledPrice(label="Tea", amount=5)]
    await attempt("send_invoice", bot.send_invoice(PERSON, "Tea", "A cup", "tea-1", "XTR", prices))
    await attempt("create_invoice_link", bot.create_invoice_link("Tea", "A cup", "tea-1", "XTR", prices))
    await attempt("get_star_transactions", bot.get_star_transactions())
    await attempt("get_my_star_balance", bot.get_my_star_balance())
    article = InlineQueryResultArticle(id="1", title="One", input_message_content=InputTextMessageContent(message_text="one"))
    await attempt("answer_inline_query", bot.answer_inline_query(INLINE, [article], cache_time=0))
    await attempt("save_prepared_inline_message", bot.save_prepared_inline_message(PERSON, article, allow_user_chats=True))
    name = f"cats_by_{me.username}"
    one = InputSticker(sticker=upload("cat.webp"), format="static", emoji_list=["🐱"])
    await attempt("upload_sticker_file", bot.upload_sticker_file(PERSON, upload("cat.webp"), "static"))
    await attempt("create_new_sticker_set", bot.create_new_sticker_set(PERSON, name, "Cats", [one]))
    await attempt("add_sticker_to_set", bot.add_sticker_to_set(PERSON, name, one))
    await attempt("get_sticker_set", bot.get_sticker_set(name))
    await attempt("delete_sticker_set", bot.delete_sticker_set(name))
    await attempt("delete_message", bot.delete_message(PERSON, sticker.message_id))
    await attempt("delete_messages", bot.delete_messages(PERSON, [mid, photo.message_id]))
    await attempt("set_webhook", bot.set_webhook(HOOK, allowed_updates=["message"], secret_token="s"))
    await attempt("get_webhook_info", bot.get_webhook_info())
    await attempt("delete_webhook", bot.delete_webhook(drop_pending_updates=True))
    await attempt("get_updates", bot.get_updates(timeout=0))
    await attempt("leave_chat", bot.leave_chat(GROUP))
    await bot.session.close()
    print(json.dumps({"calls": calls}))


asyncio.run(main())
