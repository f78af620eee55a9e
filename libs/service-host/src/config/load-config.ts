import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { ConfigError, type BadVariable } from '../errors.ts';
import { isSecret } from './values.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a secret's variable is called when it names a file that holds the secret. */
export const FILE_SUFFIX = '_FILE';

type ReadFile = (path: string) => string;

/**
 * Reads the environment through a schema whose keys are the variables' own names. A secret may be given as a file:
 * `DATABASE_URL_FILE` names one that holds what `DATABASE_URL` would, without the newline at its end.
 *
 * The result is frozen. An empty variable counts as unset, because compose files and manifests spell "unset" that way.
 * @throws {ConfigError} naming all bad variables, none of their values.
 */
export function loadConfig<S extends z.ZodObject>(
  schema: S,
  env: Environment,
  readFile: ReadFile = (path) => readFileSync(path, 'utf8'),
): Readonly<z.infer<S>> {
  const { given, bad } = readGiven(schema, env, readFile);
  const read = schema.safeParse(given);
  // What could not be read is not missing as well.
  const known = new Set(bad.map(({ name }) => name.replace(/_FILE$/, '')));
  const issues = read.success ? [] : read.error.issues.map((issue) => toBadVariable(issue, given));
  const all = [...bad, ...issues.filter(({ name }) => !known.has(name))];
  if (all.length > 0) throw new ConfigError(all);
  return Object.freeze(read.data as z.infer<S>);
}

function readGiven(schema: z.ZodObject, env: Environment, readFile: ReadFile) {
  const given: Record<string, string> = {};
  const bad: BadVariable[] = [];
  for (const [name, variable] of Object.entries<z.core.$ZodType>(schema.shape)) {
    const value = env[name] || undefined;
    const file = (isSecret(variable) && env[name + FILE_SUFFIX]) || undefined;
    if (value !== undefined && file !== undefined) {
      bad.push({ name: name + FILE_SUFFIX, expected: `is set as well as ${name}; expected one of them` });
    }
    if (value !== undefined) given[name] = value;
    else if (file !== undefined) readSecret(name, file, readFile, given, bad);
  }
  return { given, bad };
}

function readSecret(
  name: string,
  file: string,
  readFile: ReadFile,
  given: Record<string, string>,
  bad: BadVariable[],
): void {
  try {
    const text = readFile(file).replace(/\r?\n$/, '');
    if (text !== '') given[name] = text;
    else bad.push({ name: name + FILE_SUFFIX, expected: 'names an empty file' });
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    bad.push({ name: name + FILE_SUFFIX, expected: `names a file that cannot be read (${reason})` });
  }
}

function toBadVariable(issue: z.core.$ZodIssue, given: Record<string, string>): BadVariable {
  const name = String(issue.path[0]);
  const missing = !(name in given) && issue.code !== 'custom';
  return { name, expected: missing ? 'is required' : issue.message };
}
