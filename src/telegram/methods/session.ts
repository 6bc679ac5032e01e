import { DONE, type Handlers } from './outcome.js';

export const SESSION_METHODS: Handlers = {
  /** Updates that wait are dropped with the webhook (Client.cpp:9327). */
  logOut: async ({ world }) => {
    await world.updates.deleteWebhook(new Map([['drop_pending_updates', 'true']]));
    world.updates.endPoll();
    world.session.logOut();
    return DONE;
  },

  /** The next call starts the bot again; its webhook and its updates are as they were. */
  close: ({ world }) => {
    world.session.close();
    return DONE;
  },
};
