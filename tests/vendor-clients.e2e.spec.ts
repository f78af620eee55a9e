import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { HttpAgent } from '@ag-ui/client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadWorkflowSample, waitFor, type WorkflowSample } from '@runcast/test-harness';
import { startRuncast, type RunningRuncast } from './this-checkout.ts';

// What the vendors print on their pages and ship in their packages, against the product as it is started. The agent
// behind it is the demo agent, a LangGraph of ours.
let runcast: RunningRuncast | undefined;
beforeAll(async () => {
  runcast = await startRuncast({ RUNCAST_DEMO: 'on' });
  await waitFor(async () => (await zihinStream()).includes('[DONE]'), {
    describe: 'the demo agent serves',
  });
});
afterAll(() => runcast?.stop());

const AGENT = 'finance-agent';

/** The vendor's curl line, with our address, agent and key in the places that it names. */
async function zihinStream(): Promise<string> {
  const { realtimeUrl, apiKey } = runcast!.dev();
  const line = `curl -N "https://llm.zihin.ai/api/v2/agents/AGENT_ID/stream" \\
-H "X-Api-Key: YOUR_API_KEY" \\
-H "Content-Type: application/json" \\
-d '{"message": "Calculate 6 * 7"}'`
    .replace('https://llm.zihin.ai', realtimeUrl)
    .replace('AGENT_ID', AGENT)
    .replace('YOUR_API_KEY', apiKey);
  return (await promisify(execFile)('bash', ['-c', line], { timeout: 100_000 })).stdout;
}

async function call(path: string, body?: object): Promise<Record<string, unknown>> {
  const { realtimeUrl, apiKey } = runcast!.dev();
  const response = await fetch(realtimeUrl + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Record<string, unknown>;
}

describe('the curl line of the SSE agent stream', () => {
  it('is answered with the published events in their order and ends with [DONE]', async () => {
    const text = await zihinStream();
    const names = [...text.matchAll(/^event: (.+)$/gm)].map(([, name]) => name);
    expect(names.slice(0, 2)).toEqual(['metadata', 'status']);
    expect(names).toContain('tool');
    expect(names.slice(-2)).toEqual(['response', 'metrics']);
    expect(text.trimEnd().split('\n').at(-1)).toBe('data: [DONE]');
    expect(text).toContain('42');
  });
});

describe('the workflow class of the vendor’s page', () => {
  /** Everything the class was told of one run. */
  function monitor(sample: WorkflowSample, flow: string, run: string): string[] {
    const told: string[] = [];
    const watching = new sample.WorkflowMonitor(flow, run);
    watching.onWorkflowStart = () => void told.push('started');
    watching.onTaskComplete = () => void told.push('task completed');
    watching.onWorkflowComplete = () => void told.push('completed');
    watching.onError = ({ event_type }) => void told.push(`error ${String(event_type)}`);
    watching.connect();
    return told;
  }
  const load = (): WorkflowSample => {
    const { realtimeUrl: url, apiKey } = runcast!.dev();
    return loadWorkflowSample({ url, apiKey });
  };

  it('sees a whole run of the demo’s workflow that it joins late, and comes to rest', async () => {
    const started = await call('/run-dag/', { flow_name: 'research-flow', run_name: 'from-the-page' });
    const task = `/task-status/${String(started['task_id'])}`;
    const status = async () => (await call(task))['status'];
    await waitFor(async () => (await status()) === 'completed', {
      describe: 'the workflow is done',
    });
    const sample = load();
    const told = monitor(sample, 'research-flow', 'from-the-page');
    // The page's last lines connect by themselves to a run that never was: that first connection stays open.
    const ours = () => sample.connections.slice(1);
    const resting = () => !sample.isWaiting() && ours().every(({ closed }) => closed);
    await waitFor(() => told.includes('completed') && resting(), {
      describe: () => `the sample rests; told ${told.join(', ')}; ${JSON.stringify(sample.connections)}`,
    });
    expect(told[0]).toBe('started');
    expect(told.slice(1, -1).every((event) => event === 'task completed')).toBe(true);
    expect(told.length).toBeGreaterThan(2);
    expect(told.filter((event) => event === 'completed')).toHaveLength(1);
    // Its own three tries after the end, each refused: an accepted one would have begun it all over again.
    expect(ours().map(({ opened }) => opened)).toEqual([true, false, false, false]);
  });
});

describe('the stock HttpAgent of AG-UI', () => {
  it('runs the demo agent and holds its answer', async () => {
    const { realtimeUrl, apiKey } = runcast!.dev();
    const agent = new HttpAgent({
      url: `${realtimeUrl}/v1/agents/${AGENT}/ag-ui`,
      headers: { 'x-api-key': apiKey },
    });
    agent.messages = [{ id: 'm1', role: 'user', content: 'Calculate 6 * 7' }];
    const seen: string[] = [];
    const { newMessages } = await agent.runAgent({}, { onEvent: ({ event }) => void seen.push(event.type) });
    expect(seen[0]).toBe('RUN_STARTED');
    expect(seen).toContain('TOOL_CALL_START');
    expect(seen.at(-1)).toBe('RUN_FINISHED');
    expect(JSON.stringify(newMessages)).toContain('42');
  });
});
