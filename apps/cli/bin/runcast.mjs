#!/usr/bin/env node
// `npx runcast …` in a checkout. Plain JavaScript: it must be there, and say what to do, before anything is built.
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
if (!existsSync(main)) {
  process.stderr.write('runcast is not built yet. Run: npm start, or npm ci && npm run build\n');
  process.exit(1);
}
await import(main.href);
