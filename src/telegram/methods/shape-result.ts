import type { Chat } from '@grammyjs/types';
import { badRequest } from '../api-error.js';
import { leadingInteger } from '../coercion.js';
import type { GenericChecks } from './generic-checks.js';
import type { Handler, MethodContext } from './outcome.js';
import { findDestination, sendContent } from './send.js';
import { readSendOptions } from './send-options.js';
import type { MethodShape, ResultType } from './shapes.js';
import { OBJECTS } from './table.generated.js';

/** Types may contain themselves; nothing plausible is deeper. */
const DEEPEST = 6;

/**
 * A method without behaviour of its own: checks what can be checked, and answers with a result built from
 * the generated table. One that sends a message does send one, without content.
 */
export function shapeHandler(shape: MethodShape, checks: GenericChecks): Handler {
  return (context) => {
    checks.run(context);
    if (shape.returns === 'Message' && context.method.startsWith('send')) {
      return sendContent(context, findDestination(context, readSendOptions(context.params)), {});
    }
    return { result: plausible(shape.returns, context, 0) };
  };
}

/** A value of this type, with what the call itself says where that fits. */
export function plausible(type: ResultType, context: MethodContext, depth: number): unknown {
  if (depth > DEEPEST) return null;
  if (type.endsWith('[]')) return [];
  if (type.startsWith('=')) return type.slice(1);
  switch (type) {
    case 'true':
      return true;
    case 'boolean':
      return false;
    case 'number':
      return 0;
    case 'date':
      return context.world.clock.unixSeconds();
    case 'string':
      return '';
    case 'url':
      return 'https://t.me/';
    case 'Chat':
      return chatOf(context);
    case 'User':
      return context.world.user;
    default:
  }
  const shape = OBJECTS[type];
  if (shape === undefined) return Number(type);
  if (typeof shape === 'string') return plausible(shape, context, depth + 1);
  const result: Record<string, unknown> = {};
  for (const [field, fieldType] of Object.entries(shape)) {
    result[field] = echoed(field, fieldType, context) ?? plausible(fieldType, context, depth + 1);
  }
  return result;
}

/** A field that the call gave under the same name. */
function echoed(field: string, type: ResultType, { params }: MethodContext): string | number | undefined {
  const given = params.get(field);
  if (given === undefined) return undefined;
  if (type === 'number') return leadingInteger(given);
  return type === 'string' || type === 'url' ? given : undefined;
}

function chatOf({ world, params }: MethodContext): Chat {
  const text = params.get('chat_id');
  const known = text === undefined ? undefined : world.chats.lookUp(text);
  if (known !== undefined) return known.chat;
  if (text !== undefined) throw badRequest('chat not found');
  return { id: world.user.id, first_name: world.user.first_name, type: 'private' };
}
