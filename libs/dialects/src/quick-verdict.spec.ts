import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as z from 'zod';
import { eventData } from './event-data.ts';
import { count, id, instant, json, jsonObject, object, text } from './fields.ts';
import { shapes as agUi } from './ag-ui/wire.ts';
import { incoming as agentOs } from './agent-os/wire.ts';
import { quickVerdict } from './quick-verdict.ts';
import { incoming as runcast } from './runcast/wire.ts';
import { shapes as vectara } from './vectara/wire.ts';

const SCHEMAS: Record<string, z.ZodType> = { runcast, agentOs, ...eventData, ...agUi, ...vectara };

/** What stands in events, and what senders put there by mistake. */
const leaf = fc.constantFrom<unknown>(
  ...['x', '', 'info', 'loud', '2026-11-21T08:00:00Z', '2026-02-30T08:00:00Z', 'a\u0000b', 'run.started', 'step'],
  ...[0, 1, 2.5, -1, 1e13, 2 ** 60, NaN, null, true, false, undefined],
);

/** Objects with the names that the schema asks for, some of them missing, holding anything. */
function valuesFor(schema: z.ZodType, depth = 0): fc.Arbitrary<unknown> {
  const { def } = (schema as unknown as z.core.$ZodTypes)._zod;
  if (depth > 3) return leaf;
  if (def.type === 'optional' || def.type === 'nullable') return valuesFor(def.innerType as z.ZodType, depth);
  if (def.type === 'array')
    return fc.oneof(leaf, fc.array(valuesFor(def.element as z.ZodType, depth + 1), { maxLength: 3 }));
  if (def.type !== 'object') return fc.oneof({ weight: 9, arbitrary: leaf }, { weight: 1, arbitrary: fc.jsonValue() });
  const members = Object.entries(def.shape).map(([name, member]) => [name, valuesFor(member as z.ZodType, depth + 1)]);
  const listed = fc.record(Object.fromEntries(members) as Record<string, fc.Arbitrary<unknown>>, { requiredKeys: [] });
  const others = fc.dictionary(fc.string(), leaf, { maxKeys: 2 });
  return fc.oneof(
    { weight: 9, arbitrary: fc.tuple(listed, others).map(([a, b]) => ({ ...b, ...a })) },
    { weight: 1, arbitrary: leaf },
  );
}

describe('the quick verdict', () => {
  it.each(Object.entries(SCHEMAS))('on %s never takes what zod refuses', (_name, schema) => {
    const fits = quickVerdict(schema);
    fc.assert(
      fc.property(valuesFor(schema), (value) => {
        if (fits(value)) expect(schema.safeParse(value).error).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    [
      runcast,
      { type: 'x', run: 'r', level: 'info', session: null, occurred_at: '2026-11-21T08:00:00Z', data: {}, more: 1 },
    ],
    [eventData['step.failed'], { step: 's', error: { message: 'm', more: 1 }, durationMs: 3 }],
    [eventData['message.received'], { messages: [{ type: 'human', content: ['x'] }] }],
    [eventData['run.heartbeat'], {}],
  ])('knows by itself what nearly everybody sends: %#', (schema, value) => {
    expect(quickVerdict(schema)(value)).toBe(true);
    expect(schema.safeParse(value).success).toBe(true);
  });

  it('leaves to zod what has conditions of its own, or forbids other members', () => {
    const conditions = [text.min(3), z.array(text).min(1), object({ a: text }).refine(() => false), z.strictObject({})];
    for (const schema of [...conditions, z.union([text, count]), z.int(), id.refine(() => false)]) {
      for (const value of ['abcd', ['a'], { a: 'b' }, {}, 1]) expect(quickVerdict(schema)(value)).toBe(false);
    }
  });

  it('tells a member that is missing from one that is there and undefined', () => {
    const schema = object({ a: json.exactOptional(), b: instant.nullish(), c: jsonObject });
    expect(quickVerdict(schema)({ c: {} })).toBe(true);
    expect(quickVerdict(schema)({ a: undefined, c: {} })).toBe(false);
    expect(quickVerdict(schema)({ a: null, b: null })).toBe(false);
  });
});
