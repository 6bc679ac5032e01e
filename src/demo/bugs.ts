/** The bugs that `sendtwice demo` shows, and what the user sees of each. */
export const DEMO_BUGS = {
  'memory-state':
    'the conversation lives in the process: after a restart the bot has forgotten where you were',
  'no-update-guard': 'an update that Telegram sends again is handled again: you get the same answer twice',
  'slow-ack': 'Telegram hears of an update only when the work is done: on a slow day it sends it again',
  'no-double-tap-guard': 'a second tap on a button counts once more: the next question comes twice',
  'lost-on-restart': 'every start clears the conversations: in the middle of an order you begin anew',
} as const;

/** More bugs, each for a problem of its own. */
const OTHER_BUGS = {
  'no-bot-in-routes': 'what the office sends never arrives: the routes of the server have no bot',
  'no-payment-guard': 'a payment that its provider reports twice is credited twice',
  'survives-bad-env': 'with a broken environment the process stays: it accepts everything and does nothing',
  'no-way-out': '/start in the middle of an order is no way back: you are asked the same question again',
} as const;

/** All bugs that can be switched on in the demo bot (DEMO_BUGS=a,b). */
export const ALL_BUGS = { ...DEMO_BUGS, ...OTHER_BUGS } as const;

export type DemoBug = keyof typeof ALL_BUGS;
