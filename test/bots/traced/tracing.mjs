// Tracing as instrumentation packages do it, for any bot here: `node --import ../traced/tracing.mjs orders.mjs`. What a
// request brings in (W3C traceparent) goes along with every request and every command that it leads to.
import { AsyncLocalStorage } from 'node:async_hooks';
import diagnostics from 'node:diagnostics_channel';
import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { Collection } from 'mongodb';

const current = new AsyncLocalStorage();

const { emit } = http.Server.prototype;
http.Server.prototype.emit = function (event, ...args) {
  const traceparent = event === 'request' ? args[0].headers.traceparent : undefined;
  if (traceparent === undefined) return emit.call(this, event, ...args);
  return current.run(traceparent, () => emit.call(this, event, ...args));
};

// Clients over node:http.
for (const name of ['request', 'get']) {
  const original = http[name];
  http[name] = (...args) => {
    const request = original(...args);
    const traceparent = current.getStore();
    if (traceparent !== undefined && !request.headersSent) request.setHeader('traceparent', traceparent);
    return request;
  };
}
syncBuiltinESMExports();

// The built-in fetch.
diagnostics.subscribe('undici:request:create', ({ request }) => {
  const traceparent = current.getStore();
  if (traceparent !== undefined) request.addHeader('traceparent', traceparent);
});

/** Methods of the driver with the place of their options. */
const METHODS = {
  find: 1,
  findOne: 1,
  insertOne: 1,
  insertMany: 1,
  deleteOne: 1,
  deleteMany: 1,
  countDocuments: 1,
  aggregate: 1,
  updateOne: 2,
  updateMany: 2,
  replaceOne: 2,
  findOneAndUpdate: 2,
};
for (const [name, place] of Object.entries(METHODS)) {
  const original = Collection.prototype[name];
  Collection.prototype[name] = function (...args) {
    const traceparent = current.getStore();
    if (traceparent !== undefined) args[place] = { ...args[place], comment: traceparent };
    return original.apply(this, args);
  };
}
