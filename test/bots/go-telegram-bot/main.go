// Bookings of tables, with github.com/go-telegram/bot: inline keyboards, and a map of states behind a mutex.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

type step int

const (
	nothing step = iota
	guests
	day
	name
)

type booking struct {
	step   step
	guests int
	day    string
}

// bookings of people who are not done yet, by the id of their chat.
type bookings struct {
	mutex sync.Mutex
	all   map[int64]booking
}

func (b *bookings) get(chat int64) booking {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.all[chat]
}

func (b *bookings) set(chat int64, one booking) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.all[chat] = one
}

func (b *bookings) remove(chat int64) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	delete(b.all, chat)
}

var open = bookings{all: make(map[int64]booking)}

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()

	b, err := bot.New(os.Getenv("BOT_TOKEN"),
		bot.WithServerURL(os.Getenv("TELEGRAM_API_ROOT")),
		bot.WithWebhookSecretToken(os.Getenv("WEBHOOK_SECRET")),
		bot.WithDefaultHandler(text),
	)
	if err != nil {
		log.Fatal(err)
	}
	b.RegisterHandler(bot.HandlerTypeMessageText, "start", bot.MatchTypeCommandStartOnly, start)
	b.RegisterHandler(bot.HandlerTypeCallbackQueryData, "guests:", bot.MatchTypePrefix, chooseGuests)
	b.RegisterHandler(bot.HandlerTypeCallbackQueryData, "day:", bot.MatchTypePrefix, chooseDay)

	webhook := os.Getenv("WEBHOOK_URL")
	if webhook == "" {
		b.Start(ctx)
		return
	}
	if _, err := b.SetWebhook(ctx, &bot.SetWebhookParams{
		URL:         webhook,
		SecretToken: os.Getenv("WEBHOOK_SECRET"),
	}); err != nil {
		log.Fatal(err)
	}
	address, err := url.Parse(webhook)
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("POST "+address.Path, b.WebhookHandler())
	server := &http.Server{Addr: "127.0.0.1:" + os.Getenv("PORT"), Handler: mux}
	go func() {
		if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
			log.Fatal(err)
		}
	}()
	b.StartWebhook(ctx)

	ending, stop := context.WithTimeout(context.Background(), 2*time.Second)
	defer stop()
	if err := server.Shutdown(ending); err != nil {
		log.Print(err)
	}
}

func start(ctx context.Context, b *bot.Bot, update *models.Update) {
	chat := update.Message.Chat.ID
	open.set(chat, booking{step: guests})
	send(ctx, b, &bot.SendMessageParams{
		ChatID: chat,
		Text:   "A table for how many?",
		ReplyMarkup: &models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{{
			{Text: "Two", CallbackData: "guests:2"},
			{Text: "Four", CallbackData: "guests:4"},
			{Text: "Eight", CallbackData: "guests:8"},
		}}},
	})
}

func chooseGuests(ctx context.Context, b *bot.Bot, update *models.Update) {
	query := update.CallbackQuery
	answer(ctx, b, query, "")
	message := query.Message.Message
	count, err := strconv.Atoi(strings.TrimPrefix(query.Data, "guests:"))
	if message == nil || err != nil || open.get(message.Chat.ID).step != guests {
		return
	}
	open.set(message.Chat.ID, booking{step: day, guests: count})
	edit(ctx, b, message, "A table for *"+strconv.Itoa(count)+"*\\. On which day?", &models.InlineKeyboardMarkup{
		InlineKeyboard: [][]models.InlineKeyboardButton{{
			{Text: "Friday", CallbackData: "day:Friday"},
			{Text: "Saturday", CallbackData: "day:Saturday"},
		}},
	})
}

func chooseDay(ctx context.Context, b *bot.Bot, update *models.Update) {
	query := update.CallbackQuery
	answer(ctx, b, query, "A good choice")
	message := query.Message.Message
	if message == nil {
		return
	}
	one := open.get(message.Chat.ID)
	if one.step != day {
		return
	}
	one.step, one.day = name, strings.TrimPrefix(query.Data, "day:")
	open.set(message.Chat.ID, one)
	edit(ctx, b, message, fmt.Sprintf("A table for *%d* on *%s*\\.", one.guests, one.day), nil)
	send(ctx, b, &bot.SendMessageParams{
		ChatID:      message.Chat.ID,
		Text:        "In whose name?",
		ReplyMarkup: &models.ForceReply{ForceReply: true, InputFieldPlaceholder: "Your name"},
	})
}

func text(ctx context.Context, b *bot.Bot, update *models.Update) {
	if update.Message == nil {
		return
	}
	chat := update.Message.Chat.ID
	switch one := open.get(chat); one.step {
	case name:
		open.remove(chat)
		send(ctx, b, &bot.SendMessageParams{
			ChatID:          chat,
			Text:            fmt.Sprintf("Booked: %d on %s, %s.", one.guests, one.day, update.Message.Text),
			ReplyParameters: &models.ReplyParameters{MessageID: update.Message.ID},
		})
	case nothing:
		send(ctx, b, &bot.SendMessageParams{ChatID: chat, Text: "Send /start for a table."})
	default:
		send(ctx, b, &bot.SendMessageParams{ChatID: chat, Text: "Please tap a button."})
	}
}

func send(ctx context.Context, b *bot.Bot, params *bot.SendMessageParams) {
	if _, err := b.SendMessage(ctx, params); err != nil {
		log.Print(err)
	}
}

func edit(ctx context.Context, b *bot.Bot, message *models.Message, text string, keyboard *models.InlineKeyboardMarkup) {
	params := &bot.EditMessageTextParams{
		ChatID:    message.Chat.ID,
		MessageID: message.ID,
		Text:      text,
		ParseMode: models.ParseModeMarkdown,
	}
	if keyboard != nil {
		params.ReplyMarkup = keyboard
	}
	if _, err := b.EditMessageText(ctx, params); err != nil {
		log.Print(err)
	}
}

func answer(ctx context.Context, b *bot.Bot, query *models.CallbackQuery, text string) {
	if _, err := b.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{CallbackQueryID: query.ID, Text: text}); err != nil {
		log.Print(err)
	}
}
