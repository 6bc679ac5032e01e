"""Calls many methods of python-telegram-bot once, and prints a line of JSON for each that fails."""

import asyncio
import json
import os

from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    ChatPermissions,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputFile,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    InputPaidMediaPhoto,
    InputPollOption,
    InputSticker,
    InputTextMessageContent,
    LabeledPrice,
    MenuButtonCommands,
    ReactionTypeEmoji,
    ReplyParameters,
)

PERSON = int(os.environ["PERSON_ID"])
MEMBER = int(os.environ["MEMBER_ID"])
GROUP = int(os.environ["GROUP_ID"])
INLINE = os.environ["INLINE_QUERY_ID"]
HOOK = os.environ["WEBHOOK_URL"]
BYTES = bytes(range(256)) * 8
calls = 0


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
    root = os.environ["TELEGRAM_API_ROOT"]
    bot = Bot(os.environ["BOT_TOKEN"], base_url=root + "/bot", base_file_url=root + "/file/bot")
    await attempt("initialize", bot.initialize())
    text = await bot.send_message(PERSON, "A *text*", parse_mode="MarkdownV2")
    mid = text.message_id
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("One", callback_data="1")]])
    await attempt("send_message.reply", bot.send_message(
        PERSON, "<b>more</b> text", parse_mode="HTML", reply_markup=keyboard,
        reply_parameters=ReplyParameters(mid, quote="text"), protect_content=True))
    photo = await attempt("send_photo", bot.send_photo(PERSON, BYTES, caption="A photo", has_spoiler=True))
    await attempt("send_audio", bot.send_audio(PERSON, BYTES, title="Song", performer="Her", duration=3, thumbnail=BYTES))
    document = await attempt("send_document", bot.send_document(PERSON, InputFile(BYTES, "a.pdf"), caption="A file"))
    await attempt("send_video", bot.send_video(PERSON, BYTES, width=64, height=48, duration=2, supports_streaming=True))
    await attempt("send_animation", bot.send_animation(PERSON, BYTES, width=64, height=48, duration=2))
    await attempt("send_voice", bot.send_voice(PERSON, BYTES, duration=2))
    await attempt("send_video_note", bot.send_video_note(PERSON, BYTES, length=240, duration=2))
    sticker = await attempt("send_sticker", bot.send_sticker(PERSON, BYTES, emoji="🙂"))
    await attempt("send_media_group", bot.send_media_group(
        PERSON, [InputMediaPhoto(BYTES, caption="1"), InputMediaVideo(BYTES), InputMediaPhoto(photo.photo[-1].file_id)]))
    await attempt("send_media_group.documents", bot.send_media_group(PERSON, [InputMediaDocument(BYTES), InputMediaDocument(BYTES)]))
    await attempt("send_paid_media", bot.send_paid_media(PERSON, 5, [InputPaidMediaPhoto(photo.photo[-1].file_id)]))
    location = await attempt("send_location", bot.send_location(PERSON, 48.2, 16.37, live_period=600))
    await attempt("edit_message_live_location", bot.edit_message_live_location(PERSON, location.message_id, latitude=48.3, longitude=16.4))
    await attempt("stop_message_live_location", bot.stop_message_live_location(PERSON, location.message_id))
    await attempt("send_venue", bot.send_venue(PERSON, 48.2, 16.37, "A place", "A street"))
    await attempt("send_contact", bot.send_contact(PERSON, "+10005550123", "Ann", last_name="Other"))
    await attempt("send_dice", bot.send_dice(PERSON, emoji="🎯"))
    poll = await attempt("send_poll", bot.send_poll(
        PERSON, "Which?", ["One", InputPollOption("Two")], type="quiz", correct_option_ids=[1], explanation="Because"))
    await attempt("stop_poll", bot.stop_poll(PERSON, poll.message_id))
    await attempt("send_chat_action", bot.send_chat_action(PERSON, "typing"))
    await attempt("edit_message_text", bot.edit_message_text("Another text", PERSON, mid, reply_markup=keyboard))
    await attempt("edit_message_reply_markup", bot.edit_message_reply_markup(PERSON, mid))
    await attempt("edit_message_caption", bot.edit_message_caption(PERSON, photo.message_id, caption="<i>New</i>", parse_mode="HTML"))
    await attempt("edit_message_media", bot.edit_message_media(InputMediaPhoto(BYTES, caption="Newer"), PERSON, photo.message_id))
    await attempt("forward_message", bot.forward_message(GROUP, PERSON, mid))
    await attempt("forward_messages", bot.forward_messages(PERSON, PERSON, [mid, photo.message_id]))
    copy = await attempt("copy_message", bot.copy_message(PERSON, PERSON, document.message_id, caption="Copied"))
    await attempt("copy_messages", bot.copy_messages(PERSON, PERSON, [mid, copy.message_id], remove_caption=True))
    await attempt("set_message_reaction", bot.set_message_reaction(PERSON, mid, ReactionTypeEmoji("👍"), is_big=True))
    await attempt("pin_chat_message", bot.pin_chat_message(PERSON, mid, disable_notification=True))
    await attempt("unpin_chat_message", bot.unpin_chat_message(PERSON, mid))
    await attempt("unpin_all_chat_messages", bot.unpin_all_chat_messages(GROUP))
    file = await attempt("get_file", bot.get_file(document.document.file_id))
    await attempt("download", file.download_as_bytearray())
    await attempt("get_chat", bot.get_chat(GROUP))
    await attempt("get_chat.person", bot.get_chat(PERSON))
    await attempt("get_chat_member", bot.get_chat_member(GROUP, MEMBER))
    await attempt("get_chat_administrators", bot.get_chat_administrators(GROUP))
    await attempt("get_chat_member_count", bot.get_chat_member_count(GROUP))
    await attempt("restrict_chat_member", bot.restrict_chat_member(GROUP, MEMBER, ChatPermissions(can_send_messages=True)))
    await attempt("promote_chat_member", bot.promote_chat_member(GROUP, MEMBER, can_pin_messages=True))
    await attempt("set_chat_administrator_custom_title", bot.set_chat_administrator_custom_title(GROUP, MEMBER, "Helper"))
    await attempt("ban_chat_member", bot.ban_chat_member(GROUP, MEMBER, revoke_messages=True))
    await attempt("unban_chat_member", bot.unban_chat_member(GROUP, MEMBER, only_if_banned=True))
    await attempt("set_chat_permissions", bot.set_chat_permissions(GROUP, ChatPermissions.all_permissions()))
    await attempt("set_chat_title", bot.set_chat_title(GROUP, "Another title"))
    await attempt("set_chat_description", bot.set_chat_description(GROUP, "Words"))
    await attempt("set_chat_photo", bot.set_chat_photo(GROUP, BYTES))
    await attempt("delete_chat_photo", bot.delete_chat_photo(GROUP))
    link = await attempt("create_chat_invite_link", bot.create_chat_invite_link(GROUP, name="Door", member_limit=3))
    await attempt("edit_chat_invite_link", bot.edit_chat_invite_link(GROUP, link.invite_link, name="Gate"))
    await attempt("revoke_chat_invite_link", bot.revoke_chat_invite_link(GROUP, link.invite_link))
    await attempt("export_chat_invite_link", bot.export_chat_invite_link(GROUP))
    topic = await attempt("create_forum_topic", bot.create_forum_topic(GROUP, "News"))
    await attempt("send_message.topic", bot.send_message(GROUP, "news", message_thread_id=topic.message_thread_id))
    await attempt("edit_forum_topic", bot.edit_forum_topic(GROUP, topic.message_thread_id, name="Olds"))
    await attempt("close_forum_topic", bot.close_forum_topic(GROUP, topic.message_thread_id))
    await attempt("reopen_forum_topic", bot.reopen_forum_topic(GROUP, topic.message_thread_id))
    await attempt("delete_forum_topic", bot.delete_forum_topic(GROUP, topic.message_thread_id))
    await attempt("get_forum_topic_icon_stickers", bot.get_forum_topic_icon_stickers())
    await attempt("set_my_commands", bot.set_my_commands([BotCommand("start", "Begin")], scope=BotCommandScopeChat(PERSON)))
    await attempt("get_my_commands", bot.get_my_commands(scope=BotCommandScopeChat(PERSON)))
    await attempt("delete_my_commands", bot.delete_my_commands(scope=BotCommandScopeChat(PERSON)))
    await attempt("set_my_name", bot.set_my_name("A name"))
    await attempt("get_my_name", bot.get_my_name())
    await attempt("set_my_description", bot.set_my_description("Words", language_code="de"))
    await attempt("get_my_short_description", bot.get_my_short_description())
    await attempt("set_chat_menu_button", bot.set_chat_menu_button(PERSON, MenuButtonCommands()))
    await attempt("get_chat_menu_button", bot.get_chat_menu_button(PERSON))
    await attempt("get_my_default_administrator_rights", bot.get_my_default_administrator_rights())
    await attempt("get_user_profile_photos", bot.get_user_profile_photos(PERSON))
    await attempt("send_invoice", bot.send_invoice(PERSON, "Tea", "A cup", "tea-1", "XTR", [LabeledPrice("Tea", 5)]))
    await attempt("create_invoice_link", bot.create_invoice_link("Tea", "A cup", "tea-1", "XTR", [LabeledPrice("Tea", 5)]))
    await attempt("get_star_transactions", bot.get_star_transactions())
    article = InlineQueryResultArticle("1", "One", InputTextMessageContent("*one*", parse_mode="Markdown"))
    await attempt("answer_inline_query", bot.answer_inline_query(INLINE, [article], cache_time=0))
    await attempt("save_prepared_inline_message", bot.save_prepared_inline_message(PERSON, article, allow_user_chats=True))
    name = f"cats_by_{bot.username}"
    await attempt("upload_sticker_file", bot.upload_sticker_file(PERSON, BYTES, "static"))
    await attempt("create_new_sticker_set", bot.create_new_sticker_set(PERSON, name, "Cats", [InputSticker(BYTES, ["🐱"], "static")]))
    await attempt("add_sticker_to_set", bot.add_sticker_to_set(PERSON, name, InputSticker(BYTES, ["🐈"], "static")))
    await attempt("get_sticker_set", bot.get_sticker_set(name))
    await attempt("delete_sticker_set", bot.delete_sticker_set(name))
    await attempt("delete_message", bot.delete_message(PERSON, sticker.message_id))
    await attempt("delete_messages", bot.delete_messages(PERSON, [mid, photo.message_id]))
    await attempt("set_webhook", bot.set_webhook(HOOK, allowed_updates=["message"], secret_token="s"))
    await attempt("get_webhook_info", bot.get_webhook_info())
    await attempt("delete_webhook", bot.delete_webhook(drop_pending_updates=True))
    await attempt("get_updates", bot.get_updates(timeout=0))
    await attempt("leave_chat", bot.leave_chat(GROUP))
    await attempt("shutdown", bot.shutdown())
    print(json.dumps({"calls": calls}))


asyncio.run(main())
