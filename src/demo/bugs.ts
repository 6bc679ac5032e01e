/** The bugs that can be switched on in the demo bot (DEMO_BUGS=a,b), and what its user sees of each. */
export const DEMO_BUGS = {
  'memory-state':
    'the conversation lives in the process: after a restart the bot has forgotten where you were',
  'no-update-guard': 'an update that Telegram sends again is handled again: you get the same answer twice',
  'slow-ack': 'Telegram hears of an update only when the work is done: on a slow day it sends it again',
  'no-double-tap-guard': 'a second tap on a button counts once more: the next question comes twice',
  'lost-on-restart': 'every start clears the conversations: in the middle of an order you begin anew',
} as const;

export type DemoBug = keyof typeof DEMO_BUGS;
