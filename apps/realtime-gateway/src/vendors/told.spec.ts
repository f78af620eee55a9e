import { describe, expect, it } from '@jest/globals';
import { dialects } from '@runcast/dialects';
import type { JsonObject, RecordedEvent } from '@runcast/run-events';
import { answerWriter } from './answer-writer.ts';

let sequence = 0;
function event(type: string, data: JsonObject): RecordedEvent {
  sequence += 1;
  const time = '2026-01-01T00:00:00.000000Z';
  const position = { shard: 0, epoch: 'e', sequence };
  const names = { id: `e${sequence}`, tenant: 't', run: 'r', dialect: 'runcast', raw: '{}' } as const;
  return { ...names, type, data, level: 'info', occurredAt: time, receivedAt: time, position };
}

const question = event('message.received', { messages: [{ type: 'text', content: 'why?' }] });
const start = event('run.started', { input: { question: 'why?' } });
const answer = event('message.sent', { content: 'because' });
const end = event('run.completed', { output: { answer: 'because' } });

function types(...events: RecordedEvent[]): string[] {
  const writer = answerWriter((each) => dialects.vectara.encode(each));
  return events
    .flatMap((each) => writer.write(each).frames)
    .map(({ data }) => (JSON.parse(data) as { type: string }).type);
}

describe('the answer of a run', () => {
  it('shows question and answer once where start and end only repeat them', () => {
    expect(types(question, start, answer, end)).toEqual(['input_message', 'agent_output']);
  });

  it('shows them from start and end where nothing else tells them', () => {
    expect(types(start, end)).toEqual(['input_message', 'agent_output']);
  });
});
