import type { Content } from '../../history/content.js';
import { badRequest } from '../api-error.js';
import { DONE, type Handlers } from './outcome.js';

const LONGEST_TOAST = 200;

export const ANSWER_METHODS: Handlers = {
  answerCallbackQuery: ({ world, params, call }) => {
    const text = params.get('text') ?? '';
    if ([...text].length > LONGEST_TOAST) throw badRequest('MESSAGE_TOO_LONG');
    const query = world.callbacks.take(params.get('callback_query_id') ?? '');
    const content: Content | undefined = text === '' ? undefined : { kind: 'toast', text };
    const { chatId, messageId } = query;
    if (chatId === undefined) return content === undefined ? DONE : { ...DONE, contents: [content] };
    return {
      ...DONE,
      ...(content === undefined ? {} : { contents: [content] }),
      seen: [
        {
          what: 'callback-answered',
          call,
          chatId,
          callbackQueryId: query.id,
          ...(messageId === undefined ? {} : { messageId }),
          ...(content === undefined ? {} : { content }),
        },
      ],
    };
  },
};
