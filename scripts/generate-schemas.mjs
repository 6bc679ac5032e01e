#!/usr/bin/env node
// Writes schemas/*.json, what `sendtwice schema` prints. `--check` writes nothing and exits 1 when one is stale.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createViteServer } from 'vitest/node';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDER = new URL('../schemas/', import.meta.url);

const check = process.argv.includes('--check');
const stale = [];
for (const [name, text] of await texts()) {
  const file = new URL(`${name}.json`, FOLDER);
  if (readIfThere(file) === text) continue;
  if (check) stale.push(`schemas/${name}.json`);
  else {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(file, text);
  }
}
if (stale.length > 0) {
  console.error(`${stale.join(', ')}: stale. Run: node scripts/generate-schemas.mjs`);
  process.exitCode = 1;
}

async function texts() {
  const vite = await createViteServer({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    server: { middlewareMode: true, watch: null, ws: false },
    optimizeDeps: { noDiscovery: true },
  });
  try {
    const { jsonSchemaOf, SCHEMA_NAMES } = await vite.ssrLoadModule('/src/cli/schemas.ts');
    return SCHEMA_NAMES.map((name) => [name, `${JSON.stringify(jsonSchemaOf(name), null, 2)}\n`]);
  } finally {
    await vite.close();
  }
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
