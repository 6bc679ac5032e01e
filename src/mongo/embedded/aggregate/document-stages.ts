import { type Document, typeName, type Value } from '../bson/value.js';
import { ServerError } from '../errors.js';
import type { QueryContext } from '../query/context.js';
import { compileExpression } from './expression.js';
import { compileAddedFields, compileProjection, compileRemoval, type Transform } from './projection.js';

type Compile = (operand: Value, context: QueryContext, name: string) => Transform;

function specification(name: string, operand: Value): Document {
  if (!(operand instanceof Map))
    throw new ServerError(40272, `${name} specification stage must be an object, got ${typeName(operand)}`);
  return operand;
}

const addFields: Compile = (operand, context, name) =>
  compileAddedFields(specification(name, operand), context, name);

const unset: Compile = (operand, context) => {
  const paths = Array.isArray(operand) ? operand : [operand];
  if (paths.length === 0)
    throw new ServerError(31119, '$unset specification must be a string or an array with at least one field');
  return compileRemoval(
    paths.map((path) => {
      if (typeof path === 'string') return path;
      throw new ServerError(
        31120,
        '$unset specification must be a string or an array containing only string values',
      );
    }),
    context,
  );
};

function newRoot(expressionSpec: Value, context: QueryContext): Transform {
  const expression = compileExpression(expressionSpec, context);
  return (document) => {
    const root = expression({ root: document, variables: context.variables });
    if (root instanceof Map) return root;
    throw new ServerError(
      40228,
      `'newRoot' expression must evaluate to an object, but resulting value was of type: ${typeName(root)}`,
    );
  };
}

const replaceRoot: Compile = (operand, context, name) => {
  const fields = specification(name, operand);
  const root = fields.get('newRoot');
  if (root === undefined || fields.size > 1)
    throw new ServerError(40414, "BSON field '$replaceRoot.newRoot' is missing but a required field");
  return newRoot(root, context);
};

/** The stages that make one document of one. */
export const DOCUMENT_STAGES: ReadonlyMap<string, Compile> = new Map<string, Compile>([
  ['$addFields', addFields],
  ['$set', addFields],
  ['$unset', unset],
  ['$project', (operand, context, name) => compileProjection(specification(name, operand), context)],
  ['$replaceRoot', replaceRoot],
  ['$replaceWith', newRoot],
]);

export function compileDocumentStage(name: string, operand: Value, context: QueryContext): Transform {
  const compile = DOCUMENT_STAGES.get(name);
  if (compile === undefined) throw new ServerError(40324, `Unrecognized pipeline stage name: '${name}'`);
  return compile(operand, context, name);
}
