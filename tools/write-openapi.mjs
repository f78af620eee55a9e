// npm run openapi: keeps the OpenAPI documents of a running `npm start` in docs/openapi. The specs compare the two.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './set-up.mjs';

const home = process.env.RUNCAST_HOME ?? join(root, '.runcast');
const { ingestUrl, realtimeUrl } = JSON.parse(readFileSync(join(home, 'dev.json'), 'utf8'));
const folder = join(root, 'docs', 'openapi');
mkdirSync(folder, { recursive: true });
for (const [name, url] of [
  ['ingest-gateway', ingestUrl],
  ['realtime-gateway', realtimeUrl],
]) {
  const document = await (await fetch(`${url}/docs-json`)).json();
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(document, null, 2)}\n`);
}
