import { compileDocumentStage } from '../aggregate/document-stages.js';
import type { Value } from '../bson/value.js';
import { ServerError } from '../errors.js';
import type { QueryContext } from '../query/context.js';
import type { ApplyUpdate } from './updater.js';

const ALLOWED = new Set(['$addFields', '$set', '$project', '$unset', '$replaceRoot', '$replaceWith']);

/** Compiles a pipeline-style update: the stages that make one document of one. */
export function compileUpdatePipeline(stages: readonly Value[], context: QueryContext): ApplyUpdate {
  const steps = stages.map((stage) => {
    if (!(stage instanceof Map) || stage.size !== 1) {
      throw new ServerError(40323, 'A pipeline stage specification object must contain exactly one field.');
    }
    const [[name, operand] = ['', null]] = stage;
    if (!ALLOWED.has(name)) throw new ServerError(72, `${name} is not allowed to be used within an update`);
    return compileDocumentStage(name, operand, context);
  });
  return (document) => {
    const id = document.get('_id');
    const result = steps.reduce((current, step) => step(current), document);
    return result.has('_id') || id === undefined ? result : new Map([['_id', id], ...result]);
  };
}
