import type { Handlers, MethodContext, Outcome } from './outcome.js';

/** getMe and the methods that the update engine answers. */
export const UPDATE_METHODS: Handlers = {
  getMe: ({ world }) => ({
    result: {
      ...world.user,
      ...ABILITIES,
      can_read_all_group_messages: world.settings.readsAllGroupMessages,
    },
  }),

  getUpdates: async ({ world, params, hangUp }) => ({
    resultJson: await world.updates.getUpdates(params, hangUp()),
  }),

  setWebhook: async ({ world, params, files }) =>
    withDescription(await world.updates.setWebhook(params, files)),

  deleteWebhook: async ({ world, params }: MethodContext) =>
    withDescription(await world.updates.deleteWebhook(params)),

  getWebhookInfo: ({ world }) => ({ result: world.updates.webhookInfo() }),
};

/** What getMe adds to the bot's User, always and in this order. */
const ABILITIES = {
  can_join_groups: true,
  can_read_all_group_messages: false,
  supports_inline_queries: false,
  supports_guest_queries: false,
  can_connect_to_business: false,
  has_main_web_app: false,
  has_topics_enabled: false,
  allows_users_to_create_topics: false,
  can_manage_bots: false,
} as const;

function withDescription(done: { readonly result: true; readonly description: string }): Outcome {
  return { resultJson: 'true', description: done.description };
}
