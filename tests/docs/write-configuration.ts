// npm run docs: writes the tables of docs/configuration.md from the schemas that the programs read.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withTables } from './configuration-page.ts';

const page = join(process.cwd(), 'docs', 'configuration.md');
writeFileSync(page, withTables(readFileSync(page, 'utf8')));
