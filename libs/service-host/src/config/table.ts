import type { z } from 'zod';
import { FILE_SUFFIX } from './load-config.ts';
import { isSecret } from './values.ts';

/**
 * The rows of docs/configuration.md for these variables, from their schemas. A spec compares page and code, so that a
 * variable can neither be forgotten on the page nor live on there.
 */
export function configTable(variables: Readonly<Record<string, z.ZodType>>): string {
  const rows = Object.entries(variables).map(([name, schema]) => row(name, schema));
  return ['| variable | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

function row(name: string, schema: z.ZodType): string {
  const unset = schema.safeParse(undefined);
  const byDefault = !unset.success
    ? 'required'
    : unset.data === undefined
      ? 'unset'
      : `\`${unset.data as string | number | boolean}\``;
  const names = isSecret(schema) ? `\`${name}\`, \`${name}${FILE_SUFFIX}\`` : `\`${name}\``;
  return `| ${names} | ${byDefault} | ${schema.description ?? ''} |`;
}
