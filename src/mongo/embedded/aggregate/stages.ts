import { toNumber } from '../bson/number.js';
import { type Document, isNumeric, typeName, type Value } from '../bson/value.js';
import { notImplemented, ServerError } from '../errors.js';
import type { QueryContext } from '../query/context.js';
import { compileFilter } from '../query/matcher.js';
import { compileSort } from '../query/sort.js';
import { compileDocumentStage, DOCUMENT_STAGES } from './document-stages.js';
import { compileGroup } from './group.js';
import { compileLookup, compileUnion } from './lookup.js';
import { STAGES_NOT_HERE } from './not-here.js';
import { compileUnwind } from './unwind.js';

/** One step of a pipeline: takes documents, gives documents, changes none. */
export type Stage = (input: Iterable<Document>) => Iterable<Document>;

export interface StageEnvironment {
  readonly context: QueryContext;
  /** All documents of a collection of the same database. */
  readonly read: (collection: string) => Iterable<Document>;
}

export type StageCompiler = (operand: Value, environment: StageEnvironment) => Stage;

/** The most stages of a pipeline. */
const MAX_STAGES = 1000;

/** `name` and operand of every stage. */
export function namedStages(pipeline: readonly Value[]): [string, Value][] {
  if (pipeline.length > MAX_STAGES)
    throw new ServerError(7749501, `Pipeline length must be no longer than ${MAX_STAGES} stages`);
  return pipeline.map((stage) => {
    if (!(stage instanceof Map))
      throw new ServerError(14, "Each element of the 'pipeline' array must be an object");
    const [named] = stage;
    if (named === undefined || stage.size !== 1) {
      throw new ServerError(40323, 'A pipeline stage specification object must contain exactly one field.');
    }
    return named;
  });
}

/** Compiles a whole pipeline. */
export function compilePipeline(pipeline: readonly Value[], environment: StageEnvironment): Stage {
  const stages = namedStages(pipeline).map(([name, operand]) => compileStage(name, operand, environment));
  return (input) => stages.reduce((documents, stage) => stage(documents), input);
}

function compileStage(name: string, operand: Value, environment: StageEnvironment): Stage {
  if (DOCUMENT_STAGES.has(name)) {
    const transform = compileDocumentStage(name, operand, environment.context);
    return function* each(input) {
      for (const document of input) yield transform(document);
    };
  }
  const compile = STAGES.get(name);
  if (compile === undefined) {
    throw STAGES_NOT_HERE.has(name)
      ? notImplemented(`The pipeline stage ${name}`)
      : new ServerError(40324, `Unrecognized pipeline stage name: '${name}'`);
  }
  return compile(operand, environment);
}

const match: StageCompiler = (operand, { context }) => {
  if (!(operand instanceof Map))
    throw new ServerError(15959, 'the match filter must be an expression in an object');
  const filter = compileFilter(operand, context);
  return function* matching(input) {
    for (const document of input) if (filter(document)) yield document;
  };
};

const sort: StageCompiler = (operand, { context }) => {
  if (!(operand instanceof Map))
    throw new ServerError(15973, 'the $sort key specification must be an object');
  if (operand.size === 0) throw new ServerError(15976, '$sort stage must have at least one sort key');
  const compare = compileSort(operand, context);
  return (input) => (compare === undefined ? input : [...input].sort(compare));
};

function whole(name: string, operand: Value, code: number, least: number): number {
  const number = isNumeric(operand) ? toNumber(operand) : Number.NaN;
  if (!Number.isInteger(number) || number < least) {
    throw new ServerError(
      code,
      `invalid argument to ${name} stage: Expected a number >= ${least}, found ${isNumeric(operand) ? number : typeName(operand)}`,
    );
  }
  return number;
}

const limit: StageCompiler = (operand) => {
  const count = whole('$limit', operand, 15958, 1);
  return function* limited(input) {
    let left = count;
    for (const document of input) {
      yield document;
      left -= 1;
      if (left === 0) return;
    }
  };
};

const skip: StageCompiler = (operand) => {
  const count = whole('$skip', operand, 5107200, 0);
  return function* skipped(input) {
    let seen = 0;
    for (const document of input) {
      seen += 1;
      if (seen > count) yield document;
    }
  };
};

const count: StageCompiler = (operand) => {
  if (typeof operand !== 'string' || operand === '')
    throw new ServerError(40156, 'the count field must be a non-empty string');
  if (operand.startsWith('$')) throw new ServerError(40158, 'the count field cannot be a $-prefixed path');
  if (operand.includes('.')) throw new ServerError(40160, "the count field cannot contain '.'");
  return function* counted(input) {
    let number = 0;
    for (const _ of input) number += 1;
    if (number > 0) yield new Map([[operand, number]]);
  };
};

const sortByCount: StageCompiler = (operand, environment) => {
  const isExpression =
    operand instanceof Map
      ? [...operand.keys()][0]?.startsWith('$')
      : typeof operand === 'string' && operand.startsWith('$');
  if (isExpression !== true)
    throw new ServerError(
      40147,
      'the sortByCount field must be defined as a $-prefixed path or an expression inside an object',
    );
  const group = compileGroup(
    new Map<string, Value>([
      ['_id', operand],
      ['count', new Map([['$sum', 1]])],
    ]),
    environment.context,
  );
  const order = sort(new Map([['count', -1]]), environment);
  return (input) => order(group(input));
};

const sample: StageCompiler = (operand) => {
  const size = operand instanceof Map ? whole('$sample', operand.get('size') ?? null, 28747, 1) : undefined;
  if (size === undefined) throw new ServerError(28745, 'the $sample stage specification must be an object');
  return (input) => {
    const documents = [...input];
    for (let at = 0; at < Math.min(size, documents.length); at += 1) {
      const other = at + Math.floor(Math.random() * (documents.length - at));
      const [a, b] = [documents[at], documents[other]];
      if (a !== undefined && b !== undefined) {
        documents[at] = b;
        documents[other] = a;
      }
    }
    return documents.slice(0, size);
  };
};

const NOT_IN_FACET = new Set(['$facet', '$out', '$merge', '$documents']);

const facet: StageCompiler = (operand, environment) => {
  if (!(operand instanceof Map) || operand.size === 0)
    throw new ServerError(40169, 'the $facet specification must be a non-empty object');
  const facets = [...operand].map(([name, pipeline]) => {
    if (!Array.isArray(pipeline))
      throw new ServerError(
        40170,
        `arguments to $facet must be arrays, ${name} is type ${typeName(pipeline)}`,
      );
    const forbidden = namedStages(pipeline).find(([stage]) => NOT_IN_FACET.has(stage));
    if (forbidden !== undefined)
      throw new ServerError(40600, `${forbidden[0]} is not allowed to be used within a $facet stage`);
    return [name, compilePipeline(pipeline, environment)] as const;
  });
  return (input) => {
    const documents = [...input];
    return [new Map(facets.map(([name, stage]): [string, Value] => [name, [...stage(documents)]]))];
  };
};

const STAGES: ReadonlyMap<string, StageCompiler> = new Map<string, StageCompiler>([
  ['$match', match],
  ['$sort', sort],
  ['$limit', limit],
  ['$skip', skip],
  ['$count', count],
  ['$sortByCount', sortByCount],
  ['$sample', sample],
  ['$facet', facet],
  ['$group', (operand, { context }) => compileGroup(operand, context)],
  ['$unwind', compileUnwind],
  ['$lookup', compileLookup],
  ['$unionWith', compileUnion],
]);
