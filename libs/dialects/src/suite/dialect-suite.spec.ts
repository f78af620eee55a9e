import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isJsonObject, type JsonObject, type JsonValue } from '@runcast/run-events';
import { recordedForm } from '../dialect.ts';
import { contextOf, decoded, fixtureTexts, NOW, recorded, recordedRun, subjects } from './subjects.ts';

describe.each(subjects)('$title', (subject) => {
  const { dialect } = subject;
  const wires = fixtureTexts(subject);

  it('has recorded events to stand by', () => {
    expect(wires.length).toBeGreaterThan(4);
  });

  it.each(wires)('takes in what was recorded, and keeps its text: %s', (wire) => {
    const event = decoded(dialect, wire);
    expect(event).toMatchObject({ raw: wire, dialect: dialect.name, tenant: 'acme' });
  });

  it.each(wires)('gives it back field by field: %s', (wire) => {
    const frames = dialect.encode(recorded(decoded(dialect, wire)));
    const given = frames.map((frame) => comparable(JSON.parse(recordedForm(frame)) as JsonObject));
    expect(given).toEqual([expect.objectContaining(comparable(sentTo(dialect.name, wire)))]);
  });

  it.each(wires)('reads the same facts again from its own frame: %s', (wire) => {
    const first = decoded(dialect, wire);
    const [frame] = dialect.encode(recorded(first));
    const again = decoded(dialect, recordedForm(frame!));
    expect([again.type, again.data, again.level]).toEqual([first.type, first.data, first.level]);
  });

  it('writes every frame on one line, however the text was broken', () => {
    const broken = subjects.flatMap((from) =>
      fixtureTexts(from).map((wire) => recorded(decoded(from.dialect, wire.replaceAll(', "', ',\r\n\t"')))),
    );
    const frames = broken.flatMap((event) => dialect.encode(event));
    expect(frames.filter(({ event = '', data }) => /[\r\n]/.test(event + data))).toEqual([]);
  });

  it('never throws at a text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.json({ maxDepth: 8 })), (wire) => {
        const result = dialect.decode(wire, contextOf());
        expect(result.ok || result.problems.length > 0).toBe(true);
      }),
    );
  });

  it('never throws at a recorded event with a field replaced, and what it took in can be encoded everywhere', () => {
    fc.assert(
      fc.property(fc.constantFrom(...wires), fc.nat(999), fc.jsonValue(), (wire, which, value) => {
        const mutant = withFieldReplaced(JSON.parse(wire) as JsonObject, which, value as JsonValue);
        const result = dialect.decode(JSON.stringify(mutant), contextOf());
        if (!result.ok) return expect(result.problems.length).toBeGreaterThan(0);
        const event = recorded(result.event);
        expect(subjects.flatMap((other) => other.dialect.encode(event)).every(({ data }) => data !== '')).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it.each(['', 'null', '[]', '"text"', '{', '[{}]', '\u0000', '{"a":'.repeat(10_000)])(
    'asks for a JSON object instead of %j',
    (wire) => {
      const result = dialect.decode(wire, contextOf());
      expect(result).toMatchObject({ ok: false, problems: [{ field: '', expected: 'a JSON object' }] });
    },
  );

  it('asks for the run, in the words of the format, when neither the event nor its path says which', () => {
    const wire = '{"type":"x","event_type":"run_end","payload":{},"event":"x","data":{}}';
    const result = dialect.decode(wire, contextOf({}));
    const asked = result.ok ? [] : result.problems.map(({ field }) => field);
    const words = ['run', 'sdk_run_id', 'run_id', 'run_name', 'executionId', 'session_key', 'runId'];
    expect(words).toEqual(expect.arrayContaining(asked));
    expect(asked).toHaveLength(1);
  });

  it('lets no id through that a store would change', () => {
    const bad = ['x'.repeat(129), 'a\u0000b', '\ud800', ''];
    const events = bad.flatMap((id) =>
      wires.map((wire) => dialect.decode(wire, contextOf({ run: id, session: id, agent: id, flow: id }))),
    );
    const names = events.flatMap((result) =>
      result.ok ? [result.event.run, result.event.session, result.event.agent, result.event.flow] : [],
    );
    expect(names.filter((name) => name !== undefined && bad.includes(name))).toEqual([]);
  });

  it('knows a text with a time again, and tells it from every other', () => {
    const timed = wires.filter((wire) => decoded(dialect, wire).occurredAt !== NOW);
    const ids = timed.map((wire) => decoded(dialect, wire).id);
    expect(timed.map((wire) => decoded(dialect, wire).id)).toEqual(ids);
    expect(new Set(ids).size).toBe(timed.length);
  });

  it('takes the idempotency key where the event has no id of its own', () => {
    const wire = wires.find((text) => decoded(dialect, text).id.startsWith('new-'));
    if (wire === undefined) return expect(wires.every((text) => decoded(dialect, text).id !== '')).toBe(true);
    expect(dialect.decode(wire, { ...contextOf(), idempotencyKey: 'key-1' })).toMatchObject({ event: { id: 'key-1' } });
  });
});

describe('the suite itself', () => {
  it('sees a frame that lost a field', () => {
    const sent = JSON.parse(fixtureTexts(subjects[1]!)[0]!) as JsonObject;
    const got = { ...sent, payload: {} };
    expect(comparable(got)).not.toEqual(expect.objectContaining(comparable(sent)));
  });

  it('covers a run of every dialect', () => {
    expect(subjects.map((subject) => recordedRun(subject).length).every((count) => count > 4)).toBe(true);
  });
});

/** What a client of the dialect is sent of a recorded event: of zihin's, not the ids that the recorder put beside it. */
function sentTo(name: string, wire: string): JsonObject {
  const body = JSON.parse(wire) as JsonObject;
  if (name !== 'zihin') return body;
  return body['event'] === undefined ? { data: body['data']! } : { event: body['event'], data: body['data']! };
}

/** Our own dialect spells every instant in one way; the instant is what must be equal. */
function comparable(body: JsonObject): JsonObject {
  const { occurred_at, ...rest } = body;
  return typeof occurred_at === 'string' ? { ...rest, occurred_at: Date.parse(occurred_at) } : body;
}

function withFieldReplaced(body: JsonObject, which: number, value: JsonValue): JsonObject {
  const keys = Object.keys(body);
  const key = keys[which % keys.length]!;
  const member = body[key];
  const deeper = which % 2 === 0 && isJsonObject(member) && Object.keys(member).length > 0;
  return { ...body, [key]: deeper ? withFieldReplaced(member, which >> 1, value) : value };
}
