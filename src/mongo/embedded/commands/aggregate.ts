import { MAX_DOCUMENT_BYTES } from '../../wire/header.js';
import { compileExpression } from '../aggregate/expression.js';
import { compilePipeline, namedStages, type StageEnvironment } from '../aggregate/stages.js';
import { encode } from '../bson/encode.js';
import { type Document, typeName, type Value } from '../bson/value.js';
import { notImplemented, ServerError } from '../errors.js';
import type { QueryContext } from '../query/context.js';
import { candidates } from '../query/lookup.js';
import { compileMerge, compileOut, type Sink } from './aggregate-output.js';
import type { CommandTable, Reply, Request } from './contract.js';
import {
  arrayOption,
  booleanOption,
  checkCollectionName,
  checkFields,
  checkHint,
  checkKnown,
  contextOf,
  countOption,
  documentOption,
  required,
} from './options.js';
import { documentsOf } from './views.js';

const FIELDS = [
  'pipeline',
  'cursor',
  'allowDiskUse',
  'hint',
  'collation',
  'let',
  'bypassDocumentValidation',
  'explain',
];

async function aggregate(request: Request): Promise<Reply> {
  checkFields(request, FIELDS);
  const { body, server, database } = request;
  if (booleanOption(body, 'explain')) throw notImplemented('aggregate with explain');
  const target = body.get('aggregate') ?? null;
  if (typeof target === 'string') checkCollectionName(target);
  else if (Number(target?.valueOf()) !== 1)
    throw new ServerError(
      9,
      `Invalid command format: the 'aggregate' field must specify a collection name or 1`,
    );
  const pipeline = required(arrayOption(body, 'pipeline'), request, 'pipeline');
  const cursorOptions = documentOption(body, 'cursor');
  if (cursorOptions === undefined)
    throw new ServerError(
      9,
      "The 'cursor' option is required, except for aggregate with the explain argument",
    );
  checkKnown(cursorOptions, 'aggregate.cursor', ['batchSize']);
  const context = contextOf(request);
  const read = (name: string): Iterable<Document> => documentsOf(request, name);
  const { source, stages, sink } = split(request, pipeline, context);
  const environment: StageEnvironment = { context, read };
  const documents = compilePipeline(stages, environment)(source);
  const name = typeof target === 'string' ? target : '$cmd.aggregate';
  if (sink !== undefined) {
    await sink([...documents]);
    return new Map([['cursor', server.cursors.open(`${database}.${name}`, [], undefined)]]);
  }
  const batchSize = countOption(cursorOptions, 'batchSize');
  return new Map([
    ['cursor', server.cursors.open(`${database}.${name}`, encodedResults(documents), batchSize)],
  ]);
}

function* encodedResults(documents: Iterable<Document>): Generator<Buffer> {
  for (const document of documents) yield encodeResult(document);
}

/** A result may be as large as a document, and not larger. */
function encodeResult(document: Document): Buffer {
  const bytes = encode(document);
  if (bytes.length <= MAX_DOCUMENT_BYTES) return bytes;
  throw new ServerError(
    10334,
    `BSONObj size: ${bytes.length} is invalid. Size must be between 0 and ${MAX_DOCUMENT_BYTES}`,
  );
}

function* decoded(stored: Iterable<{ readonly document: Document }>): Generator<Document> {
  for (const { document } of stored) yield document;
}

/** Where the documents come from, what is done with them, and where they go. */
function split(
  request: Request,
  pipeline: readonly Value[],
  context: QueryContext,
): {
  readonly source: Iterable<Document>;
  readonly stages: readonly Value[];
  readonly sink: Sink | undefined;
} {
  const stages = [...pipeline];
  const named = namedStages(stages);
  const [lastName, lastOperand = null] = named.at(-1) ?? [];
  const early = named.slice(0, -1).find(([name]) => name === '$out' || name === '$merge');
  if (early !== undefined)
    throw new ServerError(40601, `${early[0]} can only be the final stage in the pipeline`);
  let sink: Sink | undefined;
  if (lastName === '$out' || lastName === '$merge') {
    if (request.transaction !== undefined)
      throw new ServerError(
        263,
        `Operation not permitted in transaction :: caused by :: Aggregation stage: '${lastName}' is not allowed within a multi-document transaction.`,
      );
    if (documentOption(request.body, 'readConcern')?.get('level') === 'linearizable') {
      throw new ServerError(72, `${lastName} cannot be used with a 'linearizable' read concern level`);
    }
    sink =
      lastName === '$out' ? compileOut(lastOperand, request) : compileMerge(lastOperand, request, context);
    stages.pop();
  }
  const target = request.body.get('aggregate');
  if (typeof target !== 'string')
    return { source: sourceWithoutCollection(named[0], request, context), stages: stages.slice(1), sink };
  if (request.server.store.view(request.database, target) !== undefined) {
    return { source: documentsOf(request, target), stages, sink };
  }
  const collection = request.server.store.collection(request.database, target);
  checkHint(request.body.get('hint'), collection);
  if (collection === undefined) return { source: [], stages, sink };
  const [firstName, firstOperand] = named[0] ?? [];
  const filter =
    firstName === '$match' && firstOperand instanceof Map && !request.body.has('collation')
      ? firstOperand
      : undefined;
  const source =
    filter === undefined
      ? collection.documents(request.transaction)
      : candidates(collection, filter, request.transaction);
  return { source: decoded(source), stages, sink };
}

/** The stages that a pipeline on a whole database may start with. */
function sourceWithoutCollection(
  first: [string, Value] | undefined,
  request: Request,
  context: QueryContext,
): Document[] {
  const [name, operand = null] = first ?? [];
  if (name === '$documents') {
    const documents = compileExpression(operand, context)({ root: new Map(), variables: context.variables });
    if (!Array.isArray(documents))
      throw new ServerError(5858203, `an array is expected, found: ${typeName(documents)}`);
    return documents.map((document) => {
      if (document instanceof Map) return document;
      throw new ServerError(
        40228,
        `'newRoot' expression must evaluate to an object, but resulting value was of type: ${typeName(document)}`,
      );
    });
  }
  if (name === '$listLocalSessions') {
    return request.server.sessions.list().map(
      ({ id, usedAt }) =>
        new Map<string, Value>([
          ['_id', id],
          ['lastUse', usedAt],
        ]),
    );
  }
  if (name === '$changeStream') {
    throw request.server.topology === 'standalone'
      ? new ServerError(40573, 'The $changeStream stage is only supported on replica sets')
      : notImplemented('The stage $changeStream');
  }
  throw new ServerError(73, `{aggregate: 1} is not valid for '${name ?? ''}'; a collection is required.`);
}

export const aggregateCommands: CommandTable = { aggregate };
