/** Runs a bench by its name: `npm run bench -- proxy`. Benches use the compiled files: build first. */
const BENCHES = { api: './bench-api.mjs', history: './bench-history.mjs', proxy: './bench-proxy.mjs' };

const [name = '', ...args] = process.argv.slice(2);
const file = BENCHES[name];
if (file === undefined) {
  console.error(`There is no bench "${name}". Benches: ${Object.keys(BENCHES).join(', ')}.`);
  process.exit(2);
}
const { bench } = await import(file);
await bench(args);
