import { ServerError } from '../errors.js';
import type { CommandTable, Reply, Request } from './contract.js';
import { checkFields, documentOption } from './options.js';

function configureFailPoint(request: Request): Reply {
  const { body, name, server } = request;
  if (server.failPoints === undefined) throw new ServerError(59, `no such command: '${name}'`);
  checkFields(request, ['mode', 'data']);
  server.failPoints.configure(body.get(name), body.get('mode'), documentOption(body, 'data') ?? new Map());
  return new Map();
}

export const failPointCommands: CommandTable = { configureFailPoint };
