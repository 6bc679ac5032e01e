/**
 * Why something went wrong. Every cause explains itself in one sentence and says what to do about it;
 * the command line, the reports and the documentation use these same sentences.
 */
export const CAUSES = {
  'redelivery-while-running': {
    explain:
      'Telegram did not get the acknowledgement in time and sent the update again while its first handling was still at work.',
    hint: 'Acknowledge at once and work afterwards, or remember which update_ids are being handled.',
  },
  'redelivery-after-error': {
    explain:
      'The bot answered the delivery with an error after it had replied, so Telegram sent the update again.',
    hint: 'Answer 200 once an update has been taken, and handle errors inside; or remember which update_ids are done.',
  },
  'lost-acknowledgement': {
    explain:
      'The bot acknowledged the update, but the acknowledgement never arrived and Telegram sent it again.',
    hint: 'Remember which update_ids are done; a network may lose any acknowledgement.',
  },
  'delivered-twice': {
    explain:
      'Something between Telegram and the bot delivered the update twice, as a proxy that retries does, and both deliveries were handled.',
    hint: 'Remember which update_ids have been taken, in a place that all instances share, before the work starts.',
  },
  'repeated-call': {
    explain:
      'A call took effect but the bot did not get its answer, and its client sent the same call again.',
    hint: 'Do not repeat sends after an unknown outcome, or accept that a message may appear twice there.',
  },
  'double-tap': {
    explain:
      'The user tapped twice within a moment; both taps were handled, each as if it were the only one.',
    hint: 'Make the effect of a button happen once per message: lock or mark it before the work starts.',
  },
  'concurrent-updates': {
    explain:
      'Two updates of one user were handled at the same time, as happens to a text and a tap, and to whatever is acknowledged before its work is done; one went ahead of the other or undid its state.',
    hint: 'Handle the updates of one user one after the other, or write the state conditionally.',
  },
  'shared-variable': {
    explain:
      'Two users were handled at the same time, and what belongs to one of them was used for the other: both handlers share a variable.',
    hint: 'Keep what belongs to a user inside the handler, or under the id of its chat: a variable of the module changes hands at every await.',
  },
  'stale-state': {
    explain:
      'What the bot has stored of this user (earlier in the dialogue, before a restart, or long ago) decides what it does with every input, and beginning again does not clear it.',
    hint: 'Let /start end whatever dialogue is open (allow_reentry in python-telegram-bot), and let stored states expire.',
  },
  'two-consumers': {
    explain:
      'More than one consumer takes the updates of this bot: two pollers, or polling beside a webhook.',
    hint: 'Run one consumer only; delete the webhook before polling and stop the old instance first.',
  },
  'webhook-still-set': {
    explain: 'The bot polls while a webhook is set, and Telegram gives its updates to the webhook alone.',
    hint: 'Call deleteWebhook before polling, or stop polling where a webhook is set; see what chooses between the two.',
  },
  restart: {
    explain: 'The bot process ended or started anew in between, and what it knew did not survive that.',
    hint: 'Keep the dialogue in the database, and store it before acknowledging the update.',
  },
  'frozen-after-answer': {
    explain:
      'The process stood still as soon as it had acknowledged the update, as serverless platforms do, and what it still wanted to do did not happen in time.',
    hint: 'Finish the work, and store the state, before the request is answered; or let the platform keep the process running (waitUntil and the like).',
  },
  'glued-environment': {
    explain:
      'The bot was started with two environment variables glued together, as happens when a line break between them is lost.',
    hint: 'Check the environment when the process starts: name each variable that is missing or malformed, and end with an error.',
  },
  'state-not-shared': {
    explain: 'Several instances of the bot were running, and one did not know what another had been told.',
    hint: 'Keep the dialogue in the database and read it for every update, or send a user always to one instance.',
  },
  'write-acknowledgement-lost': {
    explain:
      'The database carried a write of the bot out, but its answer never arrived, and the bot went on as if nothing had been stored.',
    hint: 'Write so that doing it again does no harm (an upsert by a key of your own), then repeat it, or read what is there before giving up.',
  },
  'write-matches-nothing': {
    explain: 'The update found no document that its filter matches, which is no error for the database.',
    hint: 'Look at the result of the update (matchedCount), and use upsert where the document may not be there yet.',
  },
  'state-write-lost': {
    explain: 'A database command of the bot failed or never got its answer, and the bot went on without it.',
    hint: 'Check the outcome of each write, let the driver retry, and answer the user only when the state is stored.',
  },
  'slow-database': {
    explain: 'The database answered slowly, and the bot went on before it knew the state.',
    hint: 'Await the write of the state before replying; lower the number of commands per step.',
  },
  'expired-callback': {
    explain: 'The bot answered the tap too late: Telegram no longer knew the callback query.',
    hint: 'Call answerCallbackQuery first, before any slow work, and go on when it is refused: taps that waited while the bot was away are always too old.',
  },
  'expired-update': {
    explain: 'The update was never acknowledged before it expired, and Telegram dropped it.',
    hint: 'See why the bot did not acknowledge it: errors, timeouts, or a blocked queue.',
  },
  'dropped-by-bot': {
    explain:
      'The bot told Telegram to throw pending updates away (drop_pending_updates, or a negative offset).',
    hint: 'Do not drop pending updates when the bot starts; they are what users wrote while it was away.',
  },
  'queue-full': {
    explain: 'So many updates were waiting for the bot that Telegram took no more.',
    hint: 'See why the bot does not take its updates.',
  },
  'never-delivered': {
    explain: 'The update waited in its queue and was never handed to the bot.',
    hint: 'See what blocked its queue: an update before it that was refused again and again, or a bot that is away.',
  },
  'busy-dialogue': {
    explain:
      'The input came while the bot was still at work on an earlier one of this user, and it was passed over.',
    hint: 'Queue the inputs of one user instead of dropping them while a step is at work.',
  },
  'impatient-resend': {
    explain:
      'The bot was slower than the user was patient, and took the second send for the answer to its next question.',
    hint: 'Show at once that the input arrived, and check an input against the question it can belong to.',
  },
  'api-error-unhandled': {
    explain: 'A call of the bot failed, and the bot gave it up: at once, or after a few tries.',
    hint: 'Handle 429 (retry_after), 5xx and network errors of calls that did not take effect.',
  },
  'handler-error': {
    explain: 'The bot refused every delivery of the update with an error.',
    hint: 'See the log of the bot for the error; an update that always fails also blocks those behind it.',
  },
  'update-not-understood': {
    explain:
      'The update was of a kind, or lacked or had a field, that the code of the bot did not expect, and ended in an error.',
    hint: 'Look at what is there before reading it (message, from, text), pass over what the bot does not know, and answer 200.',
  },
  'taken-for-an-answer': {
    explain:
      'An update without an answer in it (of a kind, or with content, that the bot does not know) took the dialogue on to the next step.',
    hint: 'Ask for what the step needs (a text, a photo) before storing it; say what you need when something else comes, and stay where you are.',
  },
  'crashed-on-update': {
    explain: 'The process ended while it was at work on an update, and nobody had asked it to.',
    hint: 'See the log of the bot for the error, and catch errors of handlers where the update comes in.',
  },
  'secret-not-checked': {
    explain:
      'A secret token is set for the webhook, but the bot does not compare it with what a request brings.',
    hint: 'Answer 401 to every request whose X-Telegram-Bot-Api-Secret-Token is not the secret_token of setWebhook.',
  },
  'no-secret-set': {
    explain:
      'The webhook was set without a secret token, so whoever finds out its address can speak in the name of any user.',
    hint: 'Give setWebhook a secret_token, and compare the header X-Telegram-Bot-Api-Secret-Token of every request with it.',
  },
  'handler-threw': {
    explain:
      'The bot answered the delivery with an error of its own; Telegram keeps the update and sends it again.',
    hint: 'See the log of the bot for the error, and answer 200 for updates that can never be handled.',
  },
  'webhook-rate-limited': {
    explain:
      'The bot’s own server limits requests, and all of Telegram comes from few addresses: updates above the limit are refused and come later.',
    hint: 'Take the webhook’s path out of the rate limiter; limit each user in the bot, by chat id.',
  },
  'webhook-misconfigured': {
    explain:
      'The server that the webhook points to refuses every delivery: a wrong path, method or secret token.',
    hint: 'Compare url and secret_token of setWebhook with what the server listens to.',
  },
  'call-refused': {
    explain: 'The bot sent what the Bot API does not accept.',
    hint: 'Read the description of the error: it names the parameter. Escape texts of users, and keep to the limits of lengths.',
  },
  'flood-limit-ignored': {
    explain: 'The bot was told how long to wait (retry_after) and called again before that.',
    hint: 'Wait retry_after seconds for that chat before the next call; each call made earlier is refused, too.',
  },
  'request-refused': {
    explain: 'The bot’s own server answered the request with an error.',
    hint: 'See the log of the bot for the error, and that the routes can reach the bot object and are set up after it.',
  },
  'server-unreachable': {
    explain: 'The bot’s own server could not be reached, or never answered the request.',
    hint: 'See on which port and address it listens, and that it starts beside the bot.',
  },
  'crashed-on-request': {
    explain:
      'The process ended while a request to the bot’s own server was under way, and nobody had asked it to.',
    hint: 'Catch errors in the routes: Express 4 does not see those of async functions, and a rejection that nobody handles ends the process.',
  },
  'request-without-effect': {
    explain: 'The bot’s own server accepted the request, and no message was sent for it.',
    hint: 'Await the send in the route and let it fail with the error; a bot object that was never started sends nothing.',
  },
  'request-repeated': {
    explain:
      'The same request reached the bot’s own server twice, as from a provider that retries, and both were carried out.',
    hint: 'Remember the id of each event of the provider under a unique index, before the effect, and answer a repetition with 200.',
  },
  'handler-sends-twice': {
    explain: 'One delivery of one input led to two calls that both succeeded: the bot itself sends twice.',
    hint: 'Look for two handlers that match the same update, or a send that is called on two paths.',
  },
  'handler-omits-answer': {
    explain: 'The bot handled the tap but never called answerCallbackQuery.',
    hint: 'Call answerCallbackQuery on every path of a callback handler, also when there is nothing to say.',
  },
  'acknowledged-then-silent': {
    explain: 'The bot acknowledged the update and then showed the user nothing.',
    hint: 'See what the handler did: a swallowed error, a state that matches no handler, or a filter that drops it.',
  },
  'never-acknowledged': {
    explain: 'The bot took the update, and neither acknowledged it nor showed the user anything.',
    hint: 'See where its handler hangs: something it awaits never ends.',
  },
  'kind-switched-off': {
    explain:
      'The bot has switched this kind of update off with allowed_updates, so Telegram does not send it.',
    hint: 'Name every kind that the bot handles in allowed_updates.',
  },
  'start-up-failed': {
    explain: 'The process made no Bot API call after its start, yet it acknowledged what it was sent.',
    hint: 'Let the process end when the bot cannot be set up, instead of answering 200 without one.',
  },
  unknown: {
    explain: 'Nothing in the history explains it.',
    hint: 'Look at the log of the bot at the time of the evidence.',
  },
} as const satisfies Record<string, { readonly explain: string; readonly hint: string }>;

export type Cause = keyof typeof CAUSES;
