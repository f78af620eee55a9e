import { describe, expect, it } from '@jest/globals';
import { memberText, oneLine, type JsonObject } from '@runcast/run-events';
import fc from 'fast-check';
import { contextOf, decoded, recorded } from '../suite/subjects.ts';
import { runcast } from './runcast.ts';

function problems(body: object) {
  const result = runcast.decode(JSON.stringify(body), contextOf({}));
  return result.ok ? [] : result.problems;
}

describe('runcast', () => {
  it('passes numbers on to the digit, on one line', () => {
    const wire = '{"type":"x","run":"r","data":{"id":12345678901234567890,\n"big":1e400,"same":1.10}}';
    expect(runcast.encode(recorded(decoded(runcast, wire)))[0]!.data).toContain(
      '"data":{"id":12345678901234567890, "big":1e400,"same":1.10}',
    );
  });

  it('passes data on as it was written, wherever it stands and whatever stands around it', () => {
    const members = fc.uniqueArray(fc.tuple(fc.constantFrom('data', 'ta', '"data', ',\\"data', 'type2'), fc.json()), {
      selector: ([key]) => key,
    });
    const plain = fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value));
    const data = fc.oneof(
      plain,
      fc.constantFrom('{}', '{ }', '{"a":1.10}', '{"a":-0}', '{"a":"\\u0061"}', '{"a":1,"a":2}'),
    );
    const space = fc.constantFrom('', ' ', '\n');
    fc.assert(
      fc.property(members, members, data, space, (before, after, own, gap) => {
        const texts = [...before, ['data', own] as const, ...after.filter(([key]) => key !== 'data')];
        const said = texts.map(([key, value]) => `${JSON.stringify(key)}:${gap}${value}`);
        const raw = `{"type":"x","run":"r",${said.join(`,${gap}`)}}`;
        const event = { ...recorded(decoded(runcast, '{"type":"x","run":"r","id":"e"}')), raw };
        const written = oneLine(memberText(raw, 'data')!);
        for (const kept of [JSON.parse(own) as JsonObject, {}, { other: true }])
          expect(runcast.encode({ ...event, data: kept })[0]!.data.endsWith(`,"data":${written}}`)).toBe(true);
      }),
    );
  });

  it('gives the last of two data members, as JSON.parse does', () => {
    const event = decoded(runcast, '{"type":"x","run":"r","data":{"a":1},"data":{"a":2}}');
    expect(event.data).toEqual({ a: 2 });
    expect(runcast.encode(recorded(event))[0]!.data).toContain('"data":{"a":2}');
  });

  it('tells of an event where it stands and where it came from', () => {
    const event = recorded(decoded(runcast, '{"type":"x","run":"r","id":"e"}'), 7);
    expect(JSON.parse(runcast.encode({ ...event, dialect: 'zihin' })[0]!.data)).toEqual({
      position: '0.e1.7',
      id: 'e',
      run: 'r',
      type: 'x',
      level: 'info',
      occurred_at: '2026-11-21T09:00:00.000000Z',
      received_at: '2026-11-21T09:00:01.000000Z',
      dialect: 'zihin',
      data: {},
    });
  });

  it.each([
    ['type', { run: 'r' }],
    ['run', { type: 'x' }],
    ['id', { type: 'x', run: 'r', id: '' }],
    ['level', { type: 'x', run: 'r', level: 'loud' }],
    ['occurred_at', { type: 'x', run: 'r', occurred_at: 1756806125 }],
    ['data', { type: 'x', run: 'r', data: [] }],
    ['data.step', { type: 'step.started', run: 'r' }],
    ['data.error', { type: 'run.failed', run: 'r', data: {} }],
    ['data.usage.inputTokens', { type: 'usage.reported', run: 'r', data: { usage: { inputTokens: -1 } } }],
    ['data.messages.0.type', { type: 'message.received', run: 'r', data: { messages: [{}] } }],
  ])('names %s in %j', (field, body) => {
    expect(problems(body).map((problem) => problem.field)).toContain(field);
  });

  it('takes any object under a type that is not ours', () => {
    const event = decoded(runcast, '{"type":"billing.checked","run":"r","data":{"step":7}}');
    expect(event.data).toEqual({ step: 7 });
  });

  it('takes the event, not the path, at its word', () => {
    expect(
      decoded(runcast, '{"type":"x","run":"r","session":"s"}', { run: 'p', session: 'p', flow: 'f' }),
    ).toMatchObject({ run: 'r', session: 's', flow: 'f' });
  });
});
