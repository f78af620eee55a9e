// Run from anywhere with: node --conditions=@runcast/source libs/dialects/src/suite/write-mapping-table.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { BEGIN, END, mappingTable } from './mapping-table.ts';

const page = new URL('../../../../docs/dialects.md', import.meta.url);
const text = readFileSync(page, 'utf8');
writeFileSync(page, text.slice(0, text.indexOf(BEGIN)) + mappingTable() + text.slice(text.indexOf(END) + END.length));
