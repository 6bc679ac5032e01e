import type { Checklist } from '@grammyjs/types';
import type { Received } from '../contracts.js';
import type { World } from '../world.js';
import { announceFrom } from './announce.js';
import { impossible } from './impossible.js';
import { findMessage, type MessageRef } from './messages.js';
import { nameOf, type Sender, wrote } from './sender.js';

/**
 * Marks tasks of a checklist as done, or takes the marks away. The bot gets a message that says so.
 * @param tasks their ids
 * @throws SendtwiceError `people/impossible` for a task that is not there, or when only the owner may
 */
export function tickTasks(
  world: World,
  sender: Sender,
  ref: MessageRef,
  tasks: readonly number[],
  done: boolean,
): Received {
  const stored = findMessage(world, sender, ref, 'tick tasks of');
  const { message } = stored;
  const checklist = message.checklist as Checklist | undefined;
  if (checklist === undefined)
    throw impossible(`message ${message.message_id} has no tasks`, 'It is no checklist.');
  if (checklist.others_can_mark_tasks_as_done !== true && !wrote(sender, message)) {
    throw impossible(
      `${nameOf(sender.user)} cannot tick tasks of message ${message.message_id}: only its sender can`,
      'Send it with others_can_mark_tasks_as_done.',
    );
  }
  const missing = tasks.find((id) => !checklist.tasks.some((task) => task.id === id));
  if (tasks.length === 0 || missing !== undefined) {
    throw impossible(
      `message ${message.message_id} has no task ${missing ?? ''}`.trimEnd(),
      `Its tasks: ${checklist.tasks.map(({ id, text }) => `${id} “${text}”`).join(', ')}.`,
    );
  }
  const now = world.clock.unixSeconds();
  const after: Checklist = {
    ...checklist,
    tasks: checklist.tasks.map((task) => {
      if (!tasks.includes(task.id)) return task;
      const { completed_by_user: _, completed_by_chat: __, completion_date: ___, ...open } = task;
      return done ? { ...open, completed_by_user: sender.user, completion_date: now } : open;
    }),
  };
  const chat = world.chats.chat(sender.chat.id);
  const shown = { ...message, checklist: after };
  chat?.messages.put({ ...stored, message: shown });
  return announceFrom(world, sender, {
    checklist_tasks_done: {
      checklist_message: shown,
      [done ? 'marked_as_done_task_ids' : 'marked_as_not_done_task_ids']: tasks,
    },
  });
}
