import { projectorVariables } from '@runcast/projector/config';
import { demoVariables } from '@runcast/demo-agent/config';
import { ingestVariables } from '@runcast/ingest-gateway/config';
import { realtimeVariables } from '@runcast/realtime-gateway/config';
import { backendVariables, FILE_SUFFIX, isSecret, serviceVariables } from '@runcast/service-host/config';
import type { z } from 'zod';

type Variables = Readonly<Record<string, z.ZodType>>;

const SERVICE = { ...serviceVariables, ...backendVariables };

/** What each program reads; the tools read the variables of the log and the tables. */
export const PROGRAMS: Readonly<Record<string, Variables>> = {
  'ingest-gateway': { ...SERVICE, ...ingestVariables },
  projector: { ...SERVICE, ...projectorVariables },
  'realtime-gateway': { ...SERVICE, ...realtimeVariables },
  'demo-agent': demoVariables,
  cli: SERVICE,
};

/** Variables that the program does not read, and required ones that it is not given. */
export function variableFindings(
  program: string,
  given: readonly string[],
  tolerated: readonly string[] = [],
): string[] {
  const variables = PROGRAMS[program]!;
  const secrets = Object.keys(variables).filter((name) => isSecret(variables[name]!));
  const read = new Set([...Object.keys(variables), ...secrets.map((name) => name + FILE_SUFFIX), ...tolerated]);
  const unread = given.filter((name) => !read.has(name)).map((name) => `${program} does not read ${name}`);
  if (program === 'cli') return unread;
  const missing = Object.entries(variables)
    .filter(
      ([name, schema]) =>
        !schema.safeParse(undefined).success && ![name, name + FILE_SUFFIX].some((one) => given.includes(one)),
    )
    .map(([name]) => `${program} is not given ${name}`);
  return [...unread, ...missing];
}
