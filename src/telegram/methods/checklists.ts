import type { Checklist, ChecklistTask } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import { requiredParam } from '../coercion.js';
import type { Params } from '../contracts.js';
import {
  arrayField,
  booleanField,
  FieldError,
  isObject,
  type JsonObject,
  parseJsonParam,
  parsing,
  requiredIntegerField,
  requiredStringField,
  stringField,
} from '../json-fields.js';
import { readReplyMarkup } from '../reply-markup.js';
import type { Entity, FormattedText } from '../text/entity.js';
import { asEntities, SIMPLE_KINDS } from '../text/entity.js';
import { codePoints, finishText, isBlank, readText, type TextFields } from '../text/formatted-text.js';
import type { World } from '../world.js';
import { applyEdit, messageToEdit } from './edits.js';
import type { Handlers } from './outcome.js';
import { findDestination, sendContent } from './send.js';
import { readSendOptions } from './send-options.js';

/** Of the documentation: the server tells its clients, and they check (ToDoList.cpp:44). */
const LONGEST_TITLE = 255;
const LONGEST_TASK = 100;
const MOST_TASKS = 30;

/** Checklists are sent for a business account, never by the bot itself. */
export const CHECKLIST_METHODS: Handlers = {
  sendChecklist: (context) => {
    const { world, params } = context;
    const given = readChecklist(params);
    const options = readSendOptions(params);
    const isForBusiness = (params.get('business_connection_id') ?? '') !== '';
    const to = findDestination(context, options);
    if (to.chat.chat.type === 'channel') throw badRequest("checklists can't be sent to channel chats");
    const checklist = finishChecklist(world, given);
    if (!isForBusiness) throw badRequest('PREMIUM_ACCOUNT_REQUIRED');
    return sendContent(context, to, { checklist });
  },

  editMessageChecklist: (context) => {
    const { world, params } = context;
    const markup = readReplyMarkup(params);
    const given = readChecklist(params);
    const [chat, stored] = messageToEdit(context);
    const before = stored.message.checklist as Checklist | undefined;
    if (before === undefined) throw badRequest('there is no checklist in the message to edit');
    const checklist = finishChecklist(world, given);
    return applyEdit(
      context,
      chat,
      stored,
      { checklist: withDone(checklist, before) },
      ['checklist'],
      markup,
    );
  },
};

interface GivenChecklist {
  readonly title: FormattedText;
  readonly tasks: readonly { readonly id: number; readonly text: FormattedText }[];
  readonly canAdd: boolean;
  readonly canMark: boolean;
}

const TITLE_FIELDS: TextFields = { text: 'title', mode: 'parse_mode', entities: 'title_entities' };
const TASK_FIELDS: TextFields = { text: 'text', mode: 'parse_mode', entities: 'text_entities' };

function readChecklist(params: Params): GivenChecklist {
  const value = parseJsonParam(requiredParam(params, 'checklist'), 'InputChecklist');
  return parsing('InputChecklist', () => {
    if (!isObject(value)) throw new FieldError('expected an Object');
    const title = textField(value, TITLE_FIELDS);
    const canAdd = booleanField(value, 'others_can_add_tasks') ?? false;
    const canMark = booleanField(value, 'others_can_mark_tasks_as_done') ?? false;
    const list = arrayField(value, 'tasks');
    if (list === undefined) throw new FieldError('Can\'t find field "tasks"');
    return { title, tasks: list.map(readTask), canAdd, canMark };
  });
}

function readTask(item: unknown): GivenChecklist['tasks'][number] {
  try {
    if (!isObject(item)) throw new FieldError('expected an Object');
    return { id: requiredIntegerField(item, 'id'), text: textField(item, TASK_FIELDS) };
  } catch (error) {
    // The two names stand one behind the other (Client.cpp:11620).
    if (error instanceof FieldError) throw new FieldError(`Can't parse InputChecklistTask: ${error.message}`);
    throw error;
  }
}

function textField(object: JsonObject, fields: TextFields): FormattedText {
  const source = new Map([[fields.text, requiredStringField(object, fields.text)]]);
  const mode = stringField(object, fields.mode);
  if (mode !== undefined) source.set(fields.mode, mode);
  const entities = object[fields.entities];
  if (entities !== undefined) source.set(fields.entities, JSON.stringify(entities));
  return readText(source, fields);
}

/** @throws ApiError in the order of ToDoList.cpp:33 */
function finishChecklist(world: World, given: GivenChecklist): Checklist {
  const title = finished(world, given.title);
  if (codePoints(title.text) > LONGEST_TITLE) {
    throw badRequest(`checklist title length must not exceed ${LONGEST_TITLE}`);
  }
  const tasks = given.tasks.map(({ id, text: source }): ChecklistTask => {
    const text = finished(world, source);
    if (codePoints(text.text) > LONGEST_TASK) {
      throw badRequest(`checklist task text length must not exceed ${LONGEST_TASK}`);
    }
    if (id <= 0) throw badRequest('checklist task identifier must be positive');
    return {
      id,
      text: text.text.replaceAll('\n', ' '),
      ...(text.entities.length === 0 ? {} : { text_entities: asEntities(text.entities) }),
    };
  });
  if (tasks.length === 0) throw badRequest('checklist must have at least 1 task');
  if (tasks.length > MOST_TASKS) throw badRequest(`checklist must have at most ${MOST_TASKS} tasks`);
  if (new Set(tasks.map(({ id }) => id)).size < tasks.length) throw badRequest('TODO_ITEM_DUPLICATE');
  return {
    title: title.text,
    ...(title.entities.length === 0 ? {} : { title_entities: asEntities(title.entities) }),
    tasks,
    ...(given.canAdd ? { others_can_add_tasks: true } : {}),
    ...(given.canMark ? { others_can_mark_tasks_as_done: true } : {}),
  };
}

function finished(world: World, source: FormattedText): FormattedText {
  const { text, entities } = finishText(source, (id) => world.chats.user(id));
  if (isBlank(text)) throw badRequest('text must be non-empty');
  return { text, entities: entities.filter(({ type }: Entity) => SIMPLE_KINDS.has(type)) };
}

/** Tasks that stay are done, if they were done before. */
function withDone(checklist: Checklist, before: Checklist): Checklist {
  const known = new Map(before.tasks.map((task) => [task.id, task]));
  return {
    ...checklist,
    tasks: checklist.tasks.map((task) => {
      const {
        completed_by_user: user,
        completed_by_chat: chat,
        completion_date: date,
      } = known.get(task.id) ?? {};
      return {
        ...task,
        ...(user === undefined ? {} : { completed_by_user: user }),
        ...(chat === undefined ? {} : { completed_by_chat: chat }),
        ...(date === undefined ? {} : { completion_date: date }),
      };
    }),
  };
}
