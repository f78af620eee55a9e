import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  CANONICAL_EVENT_TYPES,
  type CanonicalEventType,
  type EventData,
  type JsonObject,
  type JsonValue,
  type RecordedEvent,
} from '@runcast/run-events';
import { cleanJson } from '../clean-json.ts';
import { recordedForm, type Dialect } from '../dialect.ts';
import { eventData } from '../event-data.ts';
import { defaultLevel } from '../levels.ts';
import type { Fidelity } from '../mapping.ts';
import { decoded, recorded, subjects } from './subjects.ts';

describe.each(subjects)('$title keeps what its mapping says it keeps', ({ dialect, outgoing }) => {
  it.each(CANONICAL_EVENT_TYPES)('of %s', (type) => {
    fc.assert(
      fc.property(eventOf(type), (event) => {
        const frames = dialect.encode(event);
        expect(frames.filter((frame) => !outgoing.safeParse(JSON.parse(recordedForm(frame))).success)).toEqual([]);
        expectKept(dialect, event, dialect.mapping[type]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the property itself', () => {
  const { dialect } = subjects[1]!;
  const event = eventWith('run.completed', { output: 'done', iterations: 2 });

  it('fails when the table promises more than the codec keeps', () => {
    const fidelity: Fidelity = { kind: 'lossy', as: '', becomes: 'run.completed', keeps: ['iterations'], lost: '' };
    expect(() => expectKept(dialect, event, fidelity)).toThrow();
    expect(() => expectKept(dialect, event, { kind: 'exact', as: '' })).toThrow();
    expect(() => expectKept(dialect, event, { kind: 'none' })).toThrow();
  });

  it('generates data that our own schema takes', () => {
    for (const type of CANONICAL_EVENT_TYPES) {
      const misfits = fc.sample(data[type], 20).filter((sample) => !eventData[type].safeParse(sample).success);
      expect([type, misfits]).toEqual([type, []]);
    }
  });
});

function expectKept(dialect: Dialect, event: RecordedEvent, fidelity: Fidelity): void {
  const hints = { run: event.run, ...(event.flow !== undefined && { flow: event.flow }) };
  const again = dialect.encode(event).map((frame) => decoded(dialect, recordedForm(frame), hints));
  if (fidelity.kind === 'none') return expect(again).toEqual([]);
  if (fidelity.kind === 'exact')
    return expect(again.map(({ type, data }) => ({ type, data }))).toEqual([{ type: event.type, data: event.data }]);
  const back = again.filter(({ type }) => type === fidelity.becomes);
  // A lossy type may have nothing to send, if its entry says so.
  if (back.length === 0) return expect(fidelity.lost).toMatch(/nothing is sent|an empty one has no delta/);
  if (fidelity.keeps.length > 0) expect(back).toHaveLength(1);
  const kept = (data: JsonObject) => fidelity.keeps.map((path) => at(data, path));
  expect(kept(back[0]!.data)).toEqual(kept(event.data));
}

function at(data: JsonObject, path: string): JsonValue | undefined {
  return path.split('.').reduce<JsonValue | undefined>((node, key) => (node as JsonObject | undefined)?.[key], data);
}

function eventOf(type: CanonicalEventType): fc.Arbitrary<RecordedEvent> {
  return data[type].map((generated) => eventWith(type, JSON.parse(JSON.stringify(generated)) as JsonObject));
}

/** Recorded through our own dialect, or through another one when that is the dialect under test. */
function eventWith(type: CanonicalEventType, data: JsonObject): RecordedEvent {
  const raw = JSON.stringify({ type, run: 'flow/run-1', data });
  return recorded({
    id: 'e-1',
    tenant: 'acme',
    run: 'flow/run-1',
    session: 'session-1',
    agent: 'agent-1',
    type,
    level: defaultLevel(type),
    occurredAt: '2026-04-02T10:00:00.123000Z',
    dialect: 'runcast',
    data,
    raw,
  });
}

const word = fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.replaceAll('\u0000', ''));
/** Of a name or an error message, "" is in some formats the way to say that there is none. */
const named = word.filter((text) => text !== '');
/** What is in the log was cleaned when it came in. */
const json = fc
  .jsonValue({ maxDepth: 2, stringUnit: 'binary' })
  .map((value) => cleanJson(JSON.parse(JSON.stringify(value)) as JsonValue));
const number = fc.nat({ max: 1e9 });
const some = <T>(record: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(record, { requiredKeys: [] });
const usage = some({
  inputTokens: number,
  outputTokens: number,
  totalTokens: number,
  costUsd: fc.double({ min: 0, max: 1e6, noNaN: true }),
}).filter((counted) => Object.keys(counted).length > 0);
const error = fc.record({ message: named, type: named, code: named, details: json }, { requiredKeys: ['message'] });
const message = fc.record({ type: fc.constant('text'), content: json });

const data: { [T in CanonicalEventType]: fc.Arbitrary<EventData[T]> } = {
  'run.started': some({ framework: named, input: json, source: named, userId: named, message: named }),
  'run.completed': some({ output: json, usage, model: named, durationMs: number, iterations: number }),
  'run.failed': fc.record(
    { error, traceback: named, partialOutput: json, durationMs: number },
    { requiredKeys: ['error'] },
  ),
  'run.cancelled': some({ reason: named }),
  'run.went-stale': fc.record({ idleMs: number }),
  'run.heartbeat': fc.constant({}),
  'run.phase-changed': fc.record({ phase: named }),
  'session.linked': fc.constant({}),
  'step.started': fc.record({ step: named, stepId: named, input: json }, { requiredKeys: ['step'] }),
  'step.completed': fc.record(
    { step: named, stepId: named, output: json, durationMs: number },
    { requiredKeys: ['step'] },
  ),
  'step.failed': fc.record(
    { step: named, stepId: named, error, durationMs: number, partialOutput: json },
    { requiredKeys: ['step', 'error'] },
  ),
  'tool-call.started': fc.record({ tool: named, callId: named, input: json }, { requiredKeys: ['tool'] }),
  'tool-call.completed': fc.record(
    { tool: named, callId: named, input: json, output: json, durationMs: number },
    { requiredKeys: ['tool'] },
  ),
  'tool-call.failed': fc.record(
    { tool: named, callId: named, input: json, output: json, error, durationMs: number },
    { requiredKeys: ['tool', 'error'] },
  ),
  'llm-call.started': some({ model: named, provider: named, callId: named, input: json }),
  'llm-call.completed': some({ model: named, provider: named, callId: named, output: json, usage, durationMs: number }),
  'llm-call.failed': fc.record(
    { model: named, provider: named, callId: named, error, durationMs: number },
    { requiredKeys: ['error'] },
  ),
  'message.received': fc.record({ messages: fc.array(message, { maxLength: 3 }) }),
  'message.sent': fc.record({ content: json, messageId: named, sources: json }, { requiredKeys: ['content'] }),
  'message.delta': fc.record({ text: word, messageId: named }, { requiredKeys: ['text'] }),
  'reasoning.emitted': fc.record({ text: word }),
  'human-input.requested': fc.record(
    { question: named, context: json, channel: named, requestId: named },
    { requiredKeys: ['question'] },
  ),
  'human-input.received': fc.record(
    { response: json, respondedBy: named, requestId: named },
    { requiredKeys: ['response'] },
  ),
  'usage.reported': fc.record({ usage, iterations: number, durationMs: number }, { requiredKeys: ['usage'] }),
  'attachments.processed': fc.record({ processed: json, errors: json }, { requiredKeys: ['processed'] }),
  'artifact.created': fc.record({ artifacts: json }),
  'warning.raised': fc.record({ message: word }),
};
