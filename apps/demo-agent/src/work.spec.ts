import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemorySaver } from '@langchain/langgraph';
import { RuncastCallbackHandler } from '@runcast/client/langchain';
import type { Answer } from './approval.ts';
import { buildResearchGraph } from './graph.ts';
import { RuleModel } from './model/rule-model.ts';
import { agentTools } from './tools/agent-tools.ts';
import { perform, work, type Workplace } from './work.ts';

const told: string[] = [];
const pauses: number[] = [];
const asked: [string, number][] = [];
let answer: Answer;
let checkpointer: MemorySaver;
let place: Workplace;

beforeEach(() => {
  told.length = 0;
  pauses.length = 0;
  asked.length = 0;
  answer = { approval: { approved: true }, respondedBy: 'kim', isTold: false };
  checkpointer = new MemorySaver();
  const sendIngest = ({ event_type }: { event_type: string }) => String(told.push(event_type));
  const source = { documents: '/nowhere', realtimeUrl: 'http://localhost', apiKey: 'k', fetch };
  const model = new RuleModel(
    () => Promise.resolve(),
    () => crypto.randomUUID(),
  );
  place = {
    graph: buildResearchGraph(model, agentTools(source), checkpointer),
    checkpointer,
    observer: new RuncastCallbackHandler({ client: { send: () => '', sendIngest } }),
    log: () => undefined,
    pause: (ms) => Promise.resolve(void pauses.push(ms)),
    patienceMs: 7_000,
    askPerson: (run, patienceMs) => {
      asked.push([run, patienceMs]);
      return Promise.resolve(answer);
    },
  };
});

const calculation = (expression: string) => ({
  agent: 'finance-agent',
  question: `Calculate ${expression}`,
  run: crypto.randomUUID(),
  session: 's',
});

describe('perform', () => {
  it('lets the person who approves take their time before the run goes on', async () => {
    const assignment = calculation('1 + 1');
    await perform(assignment, place);
    expect(asked).toEqual([[assignment.run, 7_000]]);
    expect(told.slice(told.indexOf('human_input_requested'))).toEqual([
      'human_input_requested',
      'human_input_received',
      'step',
      'step',
      'step',
      'run_end',
    ]);
  });

  it('tells an answer that Runcast gave no second time', async () => {
    answer = { ...answer, isTold: true };
    await perform(calculation('1 + 1'), place);
    expect(told).toContain('human_input_requested');
    expect(told).not.toContain('human_input_received');
    expect(told.at(-1)).toBe('run_end');
  });

  it('does not let who sent a command wait as long', async () => {
    await perform(calculation('1 + 1'), place, { signal: new AbortController().signal });
    expect(asked).toMatchObject([[expect.any(String), 2_000]]);
  });

  it.each([
    ['1 + 1', 'run_end'],
    ['1 / 0', 'error'],
  ])('remembers nothing of the run that calculated %s', async (expression, end) => {
    await perform(calculation(expression), place);
    expect(told.at(-1)).toBe(end);
    expect(checkpointer.storage).toEqual({});
    expect(checkpointer.writes).toEqual({});
  });
});

describe('work', () => {
  it('pauses between runs, not behind the last', async () => {
    await work([calculation('1 / 0'), calculation('1 / 0')], place, 60_000, new AbortController().signal);
    expect(pauses).toEqual([60_000]);
    expect(told.filter((type) => type === 'run_start')).toHaveLength(2);
  });

  it('begins no further run after a stop, and brings the one under way to its end', async () => {
    const stop = new AbortController();
    const stopping = { ...place, pause: () => Promise.resolve(stop.abort()) };
    await work([calculation('1 + 1'), calculation('2 + 2')], stopping, 60_000, stop.signal);
    expect(told.filter((type) => type === 'run_start')).toHaveLength(1);
    expect(told.at(-1)).toBe('run_end');
  });
});
