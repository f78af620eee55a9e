import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';

const require = createRequire(import.meta.url);
const schema = JSON.parse(
  readFileSync(require.resolve('@asyncapi/specs/schemas/3.0.0-without-$id.json'), 'utf8'),
) as object;
const read = (): Record<string, unknown> =>
  parse(readFileSync(new URL('../../docs/asyncapi.yaml', import.meta.url), 'utf8')) as Record<string, unknown>;

function faults(document: unknown): unknown[] {
  const validate = new Ajv({ strict: false, allErrors: false, validateFormats: false }).compile(schema);
  validate(document);
  return validate.errors ?? [];
}

/** What a reference points at; `undefined` when there is nothing. */
function resolve(document: unknown, reference: string): unknown {
  const parts = reference.replace(/^#\//, '').split('/');
  return parts.reduce<unknown>((inside, name) => (inside as Record<string, unknown> | undefined)?.[name], document);
}

function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => (name === '$ref' ? [inner as string] : referencesIn(inner)));
}

describe('docs/asyncapi.yaml', () => {
  it('is an AsyncAPI 3 document', () => {
    expect(faults(read())).toEqual([]);
  });

  it('refers to nothing that is not there', () => {
    const document = read();
    expect(referencesIn(document).filter((reference) => resolve(document, reference) === undefined)).toEqual([]);
    expect(resolve(document, '#/channels/nowhere')).toBeUndefined();
  });

  it('would be found out for an operation that does nothing there is', () => {
    const document = read();
    const operations = { ...(document['operations'] as object), odd: { action: 'juggle', channel: {} } };
    expect(faults({ ...document, operations })).not.toEqual([]);
  });
});
