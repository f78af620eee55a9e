import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RecordingGateway } from '@runcast/client/testing';
import { fileURLToPath } from 'node:url';
import { oneOfEach } from './assignments.ts';
import { runDemo } from './demo.ts';

let gateway: RecordingGateway;
let ran: string[];
const logged: string[] = [];

beforeAll(async () => {
  gateway = await RecordingGateway.start();
  gateway.answer = ({ path }) => (path.startsWith('/v1/runs') ? { status: 200, body: { runs: [] } } : undefined);
  const config = { url: gateway.url, realtimeUrl: gateway.url, apiKey: 'demo-key', intervalMs: 0, patienceMs: 0 };
  const assignments = oneOfEach(() => crypto.randomUUID());
  ran = assignments.map(({ run }) => run);
  const documents = fileURLToPath(new URL('../../../docs', import.meta.url));
  const stop = new AbortController();
  await runDemo(config, assignments, documents, (_level, message) => logged.push(message), stop.signal);
});
afterAll(() => gateway.stop());

const eventsOf = (run: string | undefined) => gateway.events.filter((event) => event['sdk_run_id'] === run);
const typesOf = (run: string | undefined) => eventsOf(run).map((event) => event['event_type'] as string);
const payloads = (type: string) =>
  gateway.events
    .filter((event) => event['event_type'] === type)
    .map(({ payload }) => payload as Record<string, unknown>);

/** The vendor's table: what each type makes of a run's status. */
const STATUS_AFTER: Record<string, string> = {
  run_start: 'running',
  human_input_requested: 'waiting_for_input',
  human_input_received: 'running',
  run_end: 'success',
  error: 'error',
};

describe('one good and one bad run of the demo agent, as the SDK ingest receives them', () => {
  it('contain all seven event types', () => {
    expect([...new Set(gateway.events.map((event) => event['event_type'] as string))].sort()).toEqual([
      'error',
      'human_input_received',
      'human_input_requested',
      'run_end',
      'run_start',
      'step',
      'tool_call',
    ]);
  });

  it('pass through the statuses of the vendor table', () => {
    const statuses = (run: string | undefined) => typesOf(run).flatMap((type) => STATUS_AFTER[type] ?? []);
    expect(statuses(ran[0])).toEqual(['running', 'waiting_for_input', 'running', 'success']);
    expect(statuses(ran[1])).toEqual(['running', 'error']);
    expect(logged).toEqual(['run finished', 'run failed']);
  });

  it('end every step and tool call that they start', () => {
    const balance = new Map<string, number>();
    for (const event of eventsOf(ran[0])) {
      const { node_name, tool_name, phase } = event['payload'] as Record<string, string>;
      const name = node_name ?? tool_name;
      if (name) balance.set(name, (balance.get(name) ?? 0) + (phase === 'start' ? 1 : -1));
    }
    expect([...balance.keys()]).toEqual(
      expect.arrayContaining(['plan', 'research', 'tools', 'review', 'approve', 'publish']),
    );
    expect([...balance.values()].every((open) => open === 0)).toBe(true);
  });

  it('cut tool previews to 500 characters', () => {
    const lengths = payloads('tool_call').map(
      ({ output_preview }) => (output_preview as string | undefined)?.length ?? 0,
    );
    expect(Math.max(...lengths)).toBe(500);
  });

  it('name agent and session, and the person who answered', () => {
    expect(eventsOf(ran[0])[0]).toMatchObject({
      agent_name: 'research-agent',
      session_id: expect.stringMatching(/^demo-session-/),
    });
    expect(payloads('human_input_received')).toEqual([
      { response: { approved: true, note: 'Looks right to me.' }, responded_by: 'demo-operator' },
    ]);
  });

  it('tell tokens, cost and model at the end, and why the other failed', () => {
    const [end] = payloads('run_end');
    expect(end).toMatchObject({ model: 'runcast-demo-rules-1' });
    expect(end?.['total_tokens']).toBe(Number(end?.['prompt_tokens']) + Number(end?.['completion_tokens']));
    expect(Number(end?.['cost_usd'])).toBeGreaterThan(0);
    expect(payloads('error')).toMatchObject([{ error_type: 'RangeError', error_message: 'division by zero' }]);
  });

  it('carry an id each, under which a retry is recognised', () => {
    const ids = gateway.requests
      .filter(({ method }) => method === 'POST')
      .map(({ headers }) => headers['idempotency-key']);
    expect(new Set(ids).size).toBe(gateway.events.length);
  });
});
