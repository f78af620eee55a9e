import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decoded, fixtureTexts, recorded, recordedRun, subjects, type Subject } from '../suite/subjects.ts';
import { agUi } from './ag-ui.ts';
import { BEFORE_THE_FIRST_FRAME, conform } from './conform.ts';

const ids = { threadId: 'thread-1', runId: 'run-1' };
const others = subjects.filter(({ dialect }) => dialect !== agUi);

function decode(body: object, run = 'run-1') {
  return decoded(agUi, JSON.stringify(body), { run });
}

describe('ag-ui, decoding', () => {
  it('takes the thread for the session, unless it is only the run again', () => {
    expect(decode({ type: 'RUN_STARTED', threadId: 't', runId: 'r' })).toMatchObject({ run: 'r', session: 't' });
    expect(decode({ type: 'RUN_STARTED', threadId: 'r', runId: 'r' })).not.toHaveProperty('session');
  });

  it('reads a finished run by its outcome', () => {
    const types = ['success', 'cancelled', 'interrupt'].map(
      (type) => decode({ type: 'RUN_FINISHED', ...ids, outcome: { type } }).type,
    );
    expect(types).toEqual(['run.completed', 'run.cancelled', 'human-input.requested']);
  });

  it('sums the tokens of several models', () => {
    const usage = [
      { model: 'a', inputTokens: 1, outputTokens: 2 },
      { model: 'b', inputTokens: 10 },
    ];
    expect(decode({ type: 'RUN_FINISHED', ...ids, usage }).data).toEqual({
      model: 'a',
      usage: { inputTokens: 11, outputTokens: 2 },
    });
  });

  it('takes CUSTOM under a name of ours as that event only when the value fits', () => {
    expect(decode({ type: 'CUSTOM', name: 'warning.raised', value: { message: 'hot' } }).type).toBe('warning.raised');
    expect(decode({ type: 'CUSTOM', name: 'warning.raised', value: { message: 1 } }).type).toBe('ag-ui.CUSTOM');
    expect(decode({ type: 'CUSTOM', name: 'map.moved' }).type).toBe('ag-ui.CUSTOM');
  });

  it('takes the older names of reasoning too', () => {
    expect(decode({ type: 'THINKING_TEXT_MESSAGE_CONTENT', delta: 'hm' })).toMatchObject({
      type: 'reasoning.emitted',
      data: { text: 'hm' },
    });
  });
});

describe('ag-ui, a feed for a stock client', () => {
  it('is refused by the rules when it is not made to conform', () => {
    expect(violation(framesOf(subject('agent-os')))).toBeDefined();
  });

  it.each(others)('is in order for a run recorded in $title', (from) => {
    const frames = framesOf(from);
    expect(violation(made(frames))).toBeUndefined();
    expect(made(frames).length).toBeGreaterThan(2);
  });

  it('is in order wherever a recording begins, breaks off and repeats itself', () => {
    const all = [...subjects.flatMap(framesOf), ...fixtureTexts(subject('ag-ui'))];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...all), { maxLength: 60 }), (frames) => {
        expect(violation(made(frames))).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });

  it('leaves a feed alone that is in order', () => {
    const feed = fixtureTexts(subject('ag-ui')).filter(
      (text) => !/"type": "(RUN_ERROR|MESSAGES_SNAPSHOT)"|cancelled|interrupt/.test(text),
    );
    expect(made(feed)).toEqual(feed);
  });

  it('sends no message a second time that was sent in pieces', () => {
    const chunk = '{"type":"TEXT_MESSAGE_CHUNK","messageId":"m","delta":"Hi"}';
    const whole = agUi.encode(
      recorded({
        ...decode({ type: 'RUN_STARTED', ...ids }),
        dialect: 'runcast',
        type: 'message.sent',
        data: { content: 'Hi', messageId: 'm' },
      }),
    );
    expect(made(['{"type":"RUN_STARTED"}', chunk, ...whole.map(({ data }) => data)])).toEqual([
      '{"type":"RUN_STARTED"}',
      chunk,
    ]);
  });

  it('begins again after a finished run, and never after a failed one', () => {
    const again = ['RUN_STARTED', 'RUN_FINISHED', 'CUSTOM', 'RUN_STARTED', 'RUN_ERROR', 'RUN_STARTED'].map((type) =>
      JSON.stringify({ type }),
    );
    expect(made(again)).toEqual([again[0], again[1], again[3], again[4]]);
  });
});

function subject(title: string): Subject {
  return subjects.find((each) => each.title === title)!;
}

function framesOf(from: Subject): string[] {
  return recordedRun(from).flatMap((event) => agUi.encode(event).map(({ data }) => data));
}

function made(frames: string[]): string[] {
  let conversation = BEFORE_THE_FIRST_FRAME;
  return frames.flatMap((data) => {
    const { after, frames: sent } = conform(conversation, { data }, ids);
    conversation = after;
    return sent.map((frame) => frame.data);
  });
}

/** The protocol's rules about order, told again from its reference: the first frame that breaks one. */
function violation(frames: string[]): string | undefined {
  const open = new Set<string>();
  let state = 'none';
  return frames.find((text) => {
    const event = JSON.parse(text) as Record<string, string>;
    const [kind] =
      /^(STEP|TEXT_MESSAGE|TOOL_CALL|REASONING_MESSAGE|REASONING)(?=_(STARTED|START|CONTENT|ARGS|END|FINISHED)$)/.exec(
        event['type']!,
      ) ?? [];
    if (state === 'failed' || (state === 'finished' && event['type'] !== 'RUN_STARTED')) return true;
    if ((state === 'running') === (event['type'] === 'RUN_STARTED')) return true;
    if (event['type'] === 'RUN_STARTED') state = 'running';
    if (event['type'] === 'RUN_ERROR') state = 'failed';
    if (event['type'] === 'RUN_FINISHED' && (state = 'finished') && open.size > 0) return true;
    if (state === 'failed') open.clear();
    if (kind === undefined) return false;
    const key = `${kind} ${event['messageId'] ?? event['toolCallId'] ?? event['stepName']}`;
    if (/STARTE?D?$/.test(event['type']!)) return open.size === open.add(key).size;
    if (/(END|FINISHED)$/.test(event['type']!)) return !open.delete(key);
    return !open.has(key);
  });
}
