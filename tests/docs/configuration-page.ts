import { upVariables } from '@runcast/cli/up-config';
import { demoVariables } from '@runcast/demo-agent/config';
import { ingestVariables } from '@runcast/ingest-gateway/config';
import { projectorVariables } from '@runcast/projector/config';
import { realtimeVariables } from '@runcast/realtime-gateway/config';
import {
  accessVariables,
  backendVariables,
  configTable,
  limitVariables,
  serviceVariables,
} from '@runcast/service-host/config';

type Variables = Parameters<typeof configTable>[0];

/** Every table of docs/configuration.md: its name there, and the schema that it is made of. */
export const TABLES: Readonly<Record<string, Variables>> = {
  'every-service': serviceVariables,
  backends: backendVariables,
  access: accessVariables,
  limits: limitVariables,
  'ingest-gateway': ingestVariables,
  projector: projectorVariables,
  'realtime-gateway': realtimeVariables,
  'demo-agent': demoVariables,
  'npm-start': upVariables,
};

/** The page with every table made anew; what stands around the tables stays. @throws when a table has no place. */
export function withTables(page: string, tables = TABLES): string {
  return Object.entries(tables).reduce((text, [name, variables]) => {
    const begin = `<!-- variables: ${name} -->\n`;
    const from = text.indexOf(begin);
    const to = text.indexOf('<!-- end -->', from);
    if (from < 0 || to < 0) throw new Error(`the page has no place for the table ${name}`);
    return `${text.slice(0, from)}${begin}\n${configTable(variables)}\n\n${text.slice(to)}`;
  }, page);
}
