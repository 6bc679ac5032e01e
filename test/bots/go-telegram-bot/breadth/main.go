// Calls many methods of go-telegram/bot once, and prints a line of JSON for each that fails.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

var calls int

func say(line any) {
	text, err := json.Marshal(line)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(text))
}

// attempt makes a call that takes parameters; its result is the zero value when it fails.
func attempt[P, R any](ctx context.Context, name string, method func(context.Context, P) (R, error), params P) R {
	calls++
	result, err := method(ctx, params)
	if err != nil {
		say(map[string]string{"call": name, "error": err.Error()})
	}
	return result
}

// get makes a call without parameters.
func get[R any](ctx context.Context, name string, method func(context.Context) (R, error)) {
	attempt(ctx, name, func(ctx context.Context, _ struct{}) (R, error) { return method(ctx) }, struct{}{})
}

func number(name string) int64 {
	value, err := strconv.ParseInt(os.Getenv(name), 10, 64)
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func upload(name string) *models.InputFileUpload {
	return &models.InputFileUpload{Filename: name, Data: content()}
}

func content() *bytes.Reader { return bytes.NewReader(bytes.Repeat([]byte("content"), 300)) }

func main() {
	person, member, group := number("PERSON_ID"), number("MEMBER_ID"), number("GROUP_ID")
	ctx := context.Background()
	b, err := bot.New(os.Getenv("BOT_TOKEN"), bot.WithServerURL(os.Getenv("TELEGRAM_API_ROOT")))
	if err != nil {
		log.Fatal(err)
	}
	me, err := b.GetMe(ctx)
	if err != nil {
		log.Fatal(err)
	}
	text, err := b.SendMessage(ctx, &bot.SendMessageParams{ChatID: person, Text: "A *text*", ParseMode: models.ParseModeMarkdown})
	if err != nil {
		log.Fatal(err)
	}
	keyboard := &models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{{{Text: "One", CallbackData: "1"}}}}

	attempt(ctx, "SendMessage reply", b.SendMessage, &bot.SendMessageParams{
		ChatID: person, Text: "<b>more</b> text", ParseMode: models.ParseModeHTML, ReplyMarkup: keyboard,
		ReplyParameters: &models.ReplyParameters{MessageID: text.ID, Quote: "text"},
	})
	photo := attempt(ctx, "SendPhoto", b.SendPhoto, &bot.SendPhotoParams{ChatID: person, Photo: upload("p.jpg"), Caption: "A photo"})
	attempt(ctx, "SendAudio", b.SendAudio, &bot.SendAudioParams{ChatID: person, Audio: upload("a.mp3"), Title: "Song", Duration: 3})
	document := attempt(ctx, "SendDocument", b.SendDocument, &bot.SendDocumentParams{ChatID: person, Document: upload("a.pdf"), Caption: "A file"})
	attempt(ctx, "SendVideo", b.SendVideo, &bot.SendVideoParams{ChatID: person, Video: upload("v.mp4"), Width: 64, Height: 48})
	attempt(ctx, "SendAnimation", b.SendAnimation, &bot.SendAnimationParams{ChatID: person, Animation: upload("a.gif")})
	attempt(ctx, "SendVoice", b.SendVoice, &bot.SendVoiceParams{ChatID: person, Voice: upload("v.ogg"), Duration: 2})
	attempt(ctx, "SendVideoNote", b.SendVideoNote, &bot.SendVideoNoteParams{ChatID: person, VideoNote: upload("n.mp4"), Length: 240})
	sticker := attempt(ctx, "SendSticker", b.SendSticker, &bot.SendStickerParams{ChatID: person, Sticker: upload("s.webp"), Emoji: "🙂"})
	attempt(ctx, "SendMediaGroup", b.SendMediaGroup, &bot.SendMediaGroupParams{ChatID: person, Media: []models.InputMedia{
		&models.InputMediaPhoto{Media: "attach://1.jpg", Caption: "1", MediaAttachment: content()},
		&models.InputMediaPhoto{Media: "attach://2.jpg", MediaAttachment: content()},
	}})
	attempt(ctx, "SendPaidMedia", b.SendPaidMedia, &bot.SendPaidMediaParams{ChatID: person, StarCount: 5, Media: []models.InputPaidMedia{
		&models.InputPaidMediaPhoto{Media: "attach://paid.jpg", MediaAttachment: content()},
	}})
	location := attempt(ctx, "SendLocation", b.SendLocation, &bot.SendLocationParams{ChatID: person, Latitude: 48.2, Longitude: 16.37, LivePeriod: 600})
	attempt(ctx, "EditMessageLiveLocation", b.EditMessageLiveLocation, &bot.EditMessageLiveLocationParams{ChatID: person, MessageID: location.ID, Latitude: 48.3, Longitude: 16.4})
	attempt(ctx, "StopMessageLiveLocation", b.StopMessageLiveLocation, &bot.StopMessageLiveLocationParams{ChatID: person, MessageID: location.ID})
	attempt(ctx, "SendVenue", b.SendVenue, &bot.SendVenueParams{ChatID: person, Latitude: 48.2, Longitude: 16.37, Title: "A place", Address: "A street"})
	attempt(ctx, "SendContact", b.SendContact, &bot.SendContactParams{ChatID: person, PhoneNumber: "+10005550123", FirstName: "Ann"})
	attempt(ctx, "SendDice", b.SendDice, &bot.SendDiceParams{ChatID: person, Emoji: "🎰"})
	poll := attempt(ctx, "SendPoll", b.SendPoll, &bot.SendPollParams{ChatID: person, Question: "Which?", IsAnonymous: bot.False(), Options: []models.InputPollOption{{Text: "One"}, {Text: "Two"}}})
	attempt(ctx, "StopPoll", b.StopPoll, &bot.StopPollParams{ChatID: person, MessageID: poll.ID})
	attempt(ctx, "SendChatAction", b.SendChatAction, &bot.SendChatActionParams{ChatID: person, Action: models.ChatActionTyping})
	attempt(ctx, "EditMessageText", b.EditMessageText, &bot.EditMessageTextParams{ChatID: person, MessageID: text.ID, Text: "Another text", ReplyMarkup: keyboard})
	attempt(ctx, "EditMessageReplyMarkup", b.EditMessageReplyMarkup, &bot.EditMessageReplyMarkupParams{ChatID: person, MessageID: text.ID})
	attempt(ctx, "EditMessageCaption", b.EditMessageCaption, &bot.EditMessageCaptionParams{ChatID: person, MessageID: photo.ID, Caption: "New"})
	attempt(ctx, "EditMessageMedia", b.EditMessageMedia, &bot.EditMessageMediaParams{ChatID: person, MessageID: photo.ID, Media: &models.InputMediaPhoto{Media: "attach://new.jpg", MediaAttachment: content()}})
	attempt(ctx, "ForwardMessage", b.ForwardMessage, &bot.ForwardMessageParams{ChatID: group, FromChatID: person, MessageID: text.ID})
	attempt(ctx, "ForwardMessages", b.ForwardMessages, &bot.ForwardMessagesParams{ChatID: person, FromChatID: person, MessageIDs: []int{text.ID, photo.ID}})
	attempt(ctx, "CopyMessage", b.CopyMessage, &bot.CopyMessageParams{ChatID: person, FromChatID: person, MessageID: document.ID, Caption: "Copied"})
	attempt(ctx, "CopyMessages", b.CopyMessages, &bot.CopyMessagesParams{ChatID: person, FromChatID: strconv.FormatInt(person, 10), MessageIDs: []int{text.ID, photo.ID}})
	attempt(ctx, "SetMessageReaction", b.SetMessageReaction, &bot.SetMessageReactionParams{ChatID: person, MessageID: text.ID, Reaction: []models.ReactionType{{
		Type: models.ReactionTypeTypeEmoji, ReactionTypeEmoji: &models.ReactionTypeEmoji{Type: models.ReactionTypeTypeEmoji, Emoji: "👍"},
	}}})
	attempt(ctx, "PinChatMessage", b.PinChatMessage, &bot.PinChatMessageParams{ChatID: person, MessageID: text.ID})
	attempt(ctx, "UnpinChatMessage", b.UnpinChatMessage, &bot.UnpinChatMessageParams{ChatID: person, MessageID: text.ID})
	attempt(ctx, "UnpinAllChatMessages", b.UnpinAllChatMessages, &bot.UnpinAllChatMessagesParams{ChatID: group})
	file := attempt(ctx, "GetFile", b.GetFile, &bot.GetFileParams{FileID: document.Document.FileID})
	attempt(ctx, "FileDownloadLink", func(_ context.Context, link string) (bool, error) {
		answer, err := http.Get(link)
		if err != nil {
			return false, err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return false, fmt.Errorf("status %d", answer.StatusCode)
		}
		return true, nil
	}, b.FileDownloadLink(file))
	attempt(ctx, "GetChat", b.GetChat, &bot.GetChatParams{ChatID: group})
	attempt(ctx, "GetChat person", b.GetChat, &bot.GetChatParams{ChatID: person})
	attempt(ctx, "GetChatMember", b.GetChatMember, &bot.GetChatMemberParams{ChatID: group, UserID: member})
	attempt(ctx, "GetChatAdministrators", b.GetChatAdministrators, &bot.GetChatAdministratorsParams{ChatID: group})
	attempt(ctx, "GetChatMemberCount", b.GetChatMemberCount, &bot.GetChatMemberCountParams{ChatID: group})
	attempt(ctx, "RestrictChatMember", b.RestrictChatMember, &bot.RestrictChatMemberParams{ChatID: group, UserID: member, Permissions: &models.ChatPermissions{CanSendMessages: true}})
	attempt(ctx, "PromoteChatMember", b.PromoteChatMember, &bot.PromoteChatMemberParams{ChatID: group, UserID: member, CanPinMessages: true})
	attempt(ctx, "BanChatMember", b.BanChatMember, &bot.BanChatMemberParams{ChatID: group, UserID: member})
	attempt(ctx, "UnbanChatMember", b.UnbanChatMember, &bot.UnbanChatMemberParams{ChatID: group, UserID: member})
	attempt(ctx, "SetChatTitle", b.SetChatTitle, &bot.SetChatTitleParams{ChatID: group, Title: "Another title"})
	attempt(ctx, "SetChatPhoto", b.SetChatPhoto, &bot.SetChatPhotoParams{ChatID: group, Photo: upload("c.jpg")})
	link := attempt(ctx, "CreateChatInviteLink", b.CreateChatInviteLink, &bot.CreateChatInviteLinkParams{ChatID: group, Name: "Door"})
	attempt(ctx, "RevokeChatInviteLink", b.RevokeChatInviteLink, &bot.RevokeChatInviteLinkParams{ChatID: group, InviteLink: link.InviteLink})
	topic := attempt(ctx, "CreateForumTopic", b.CreateForumTopic, &bot.CreateForumTopicParams{ChatID: group, Name: "News"})
	attempt(ctx, "SendMessage topic", b.SendMessage, &bot.SendMessageParams{ChatID: group, MessageThreadID: topic.MessageThreadID, Text: "news"})
	attempt(ctx, "CloseForumTopic", b.CloseForumTopic, &bot.CloseForumTopicParams{ChatID: group, MessageThreadID: topic.MessageThreadID})
	attempt(ctx, "DeleteForumTopic", b.DeleteForumTopic, &bot.DeleteForumTopicParams{ChatID: group, MessageThreadID: topic.MessageThreadID})
	get(ctx, "GetForumTopicIconStickers", b.GetForumTopicIconStickers)
	attempt(ctx, "SetMyCommands", b.SetMyCommands, &bot.SetMyCommandsParams{Commands: []models.BotCommand{{Command: "start", Description: "Begin"}}, Scope: &models.BotCommandScopeChat{ChatID: person}})
	attempt(ctx, "GetMyCommands", b.GetMyCommands, &bot.GetMyCommandsParams{Scope: &models.BotCommandScopeChat{ChatID: person}})
	attempt(ctx, "SetMyName", b.SetMyName, &bot.SetMyNameParams{Name: "A name"})
	attempt(ctx, "GetMyDescription", b.GetMyDescription, &bot.GetMyDescriptionParams{})
	attempt(ctx, "SetChatMenuButton", b.SetChatMenuButton, &bot.SetChatMenuButtonParams{ChatID: person, MenuButton: &models.MenuButtonCommands{Type: models.MenuButtonTypeCommands}})
	attempt(ctx, "GetChatMenuButton", b.GetChatMenuButton, &bot.GetChatMenuButtonParams{ChatID: person})
	attempt(ctx, "GetUserProfilePhotos", b.GetUserProfilePhotos, &bot.GetUserProfilePhotosParams{UserID: person})
	prices := []models.LabeledPrice{{Label: "Tea", Amount: 5}}
	attempt(ctx, "SendInvoice", b.SendInvoice, &bot.SendInvoiceParams{ChatID: person, Title: "Tea", Description: "A cup", Payload: "tea-1", Currency: "XTR", Prices: prices})
	attempt(ctx, "CreateInvoiceLink", b.CreateInvoiceLink, &bot.CreateInvoiceLinkParams{Title: "Tea", Description: "A cup", Payload: "tea-1", Currency: "XTR", Prices: prices})
	get(ctx, "GetMyStarBalance", b.GetMyStarBalance)
	article := &models.InlineQueryResultArticle{ID: "1", Title: "One", InputMessageContent: &models.InputTextMessageContent{MessageText: "one"}}
	attempt(ctx, "AnswerInlineQuery", b.AnswerInlineQuery, &bot.AnswerInlineQueryParams{InlineQueryID: os.Getenv("INLINE_QUERY_ID"), Results: []models.InlineQueryResult{article}})
	attempt(ctx, "SavePreparedInlineMessage", b.SavePreparedInlineMessage, &bot.SavePreparedInlineMessageParams{UserID: person, Result: article, AllowUserChats: true})
	stickers := "cats_by_" + me.Username
	attempt(ctx, "UploadStickerFile", b.UploadStickerFile, &bot.UploadStickerFileParams{UserID: person, Sticker: upload("cat.webp"), StickerFormat: "static"})
	attempt(ctx, "CreateNewStickerSet", b.CreateNewStickerSet, &bot.CreateNewStickerSetParams{UserID: person, Name: stickers, Title: "Cats", Stickers: []models.InputSticker{
		{Sticker: "attach://cat.webp", Format: "static", EmojiList: []string{"🐱"}, StickerAttachment: content()},
	}})
	attempt(ctx, "GetStickerSet", b.GetStickerSet, &bot.GetStickerSetParams{Name: stickers})
	attempt(ctx, "DeleteMessage", b.DeleteMessage, &bot.DeleteMessageParams{ChatID: person, MessageID: sticker.ID})
	attempt(ctx, "DeleteMessages", b.DeleteMessages, &bot.DeleteMessagesParams{ChatID: person, MessageIDs: []int{text.ID, photo.ID}})
	attempt(ctx, "SetWebhook", b.SetWebhook, &bot.SetWebhookParams{URL: os.Getenv("WEBHOOK_URL"), SecretToken: "s"})
	get(ctx, "GetWebhookInfo", b.GetWebhookInfo)
	attempt(ctx, "DeleteWebhook", b.DeleteWebhook, &bot.DeleteWebhookParams{DropPendingUpdates: true})
	attempt(ctx, "LeaveChat", b.LeaveChat, &bot.LeaveChatParams{ChatID: group})
	say(map[string]int{"calls": calls})
}
