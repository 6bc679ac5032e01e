import { compilePipeline, namedStages } from '../aggregate/stages.js';
import { encode } from '../bson/encode.js';
import type { Document, Value } from '../bson/value.js';
import { ServerError } from '../errors.js';
import { queryContext } from '../query/context.js';
import { StoredDocument } from '../storage/stored-document.js';
import { MAX_VIEW_DEPTH, type View } from '../storage/view.js';
import type { Request } from './contract.js';

/** All documents of a collection or view, in natural order, as the command's transaction sees them. */
export function* documentsOf(request: Request, name: string, depth = 0): Generator<Document> {
  const { server, database, transaction } = request;
  const view = server.store.view(database, name);
  if (view === undefined) {
    const stored = server.store.collection(database, name)?.documents(transaction) ?? [];
    for (const { document } of stored) yield document;
    return;
  }
  if (depth >= MAX_VIEW_DEPTH) {
    throw new ServerError(
      165,
      `View depth too deep or view cycle detected; maximum depth is ${MAX_VIEW_DEPTH}`,
    );
  }
  const read = (other: string): Iterable<Document> => documentsOf(request, other, depth + 1);
  yield* viewPipeline(request, view, read)(read(view.on));
}

/** The same, in the form that `find` reads. */
export function* storedDocumentsOf(request: Request, name: string): Generator<StoredDocument> {
  for (const document of documentsOf(request, name)) yield new StoredDocument(encode(document), '');
}

/** A view sees neither the variables nor the collation of the command that reads it. */
function viewPipeline(request: Request, { pipeline }: View, read: (name: string) => Iterable<Document>) {
  if (request.body.has('collation')) {
    throw new ServerError(167, "Cannot override a view's default collation");
  }
  const context = queryContext(new Map<string, Value | undefined>([['NOW', new Date()]]));
  return compilePipeline(pipeline, { context, read });
}

/** @throws ServerError for a pipeline that no view can have, and for a view that leads back to itself */
export function checkView(request: Request, name: string, view: View): void {
  const writing = namedStages(view.pipeline).find(([stage]) => stage === '$out' || stage === '$merge');
  if (writing !== undefined) {
    throw new ServerError(167, `The aggregation stage ${writing[0]} cannot be used in a view definition`);
  }
  viewPipeline(request, view, () => []);
  const { store } = request.server;
  let on: string | undefined = view.on;
  for (let depth = 0; on !== undefined; depth += 1) {
    if (on === name) {
      throw new ServerError(5, `View cycle detected: ${request.database}.${name}`);
    }
    if (depth >= MAX_VIEW_DEPTH) {
      throw new ServerError(165, `View depth limit exceeded; maximum depth is ${MAX_VIEW_DEPTH}`);
    }
    on = store.view(request.database, on)?.on;
  }
}
