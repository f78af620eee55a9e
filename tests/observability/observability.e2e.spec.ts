import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serveAgent } from '@runcast/client/serve';
import { waitFor } from '@runcast/test-harness';
import { parse } from 'yaml';
import { startRuncast, type RunningRuncast } from '../this-checkout.ts';
import { documentOf } from './documented-answers.ts';
import { labelsIn, metricsIn, servedIn } from './named-metrics.ts';
import { receiveTraces, type ReceivedSpan, type TraceReceiver } from './trace-receiver.ts';

let collector: TraceReceiver;
let runcast: RunningRuncast;
let headers: Record<string, string>;

beforeAll(async () => {
  collector = await receiveTraces();
  runcast = await startRuncast({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint });
  headers = { authorization: `Bearer ${runcast.dev().apiKey}`, 'content-type': 'application/json' };
});

afterAll(async () => {
  await runcast?.stop();
  await collector?.close();
});

const PARENT_SPAN = '00f067aa0ba902b7';

function spansOf(traceId: string): ReceivedSpan[] {
  return collector.spans.filter((span) => span.traceId === traceId);
}

async function whenTraced(traceId: string, names: readonly string[]): Promise<ReceivedSpan[]> {
  const found = (): string[] => spansOf(traceId).map(({ service, name }) => `${service}: ${name}`);
  await waitFor(() => names.every((name) => found().includes(name)), {
    describe: () => `the spans ${names.join(', ')}; there were ${found().join(', ')}`,
  });
  return spansOf(traceId);
}

async function post(url: string, body: object, traceId: string, flags = '01'): Promise<Response> {
  const traceparent = `00-${traceId}-${PARENT_SPAN}-${flags}`;
  return fetch(url, { method: 'POST', body: JSON.stringify(body), headers: { ...headers, traceparent } });
}

/** Watches a run until the stream holds `text`, from before the event is sent. */
async function watch(run: string): Promise<(text: string) => Promise<void>> {
  const response = await fetch(`${runcast.dev().realtimeUrl}/v1/runs/${run}/stream`, { headers });
  const reader = response.body!.getReader();
  let seen = '';
  return async (text) => {
    while (!seen.includes(text)) {
      const { value, done } = (await reader.read()) as { value?: Uint8Array; done: boolean };
      if (done) throw new Error(`the stream ended after: ${seen}`);
      seen += Buffer.from(value!).toString();
    }
  };
}

describe('A trace', () => {
  it('goes from the request over the log into the tables and to the client', async () => {
    const { ingestUrl } = runcast.dev();
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const started = { id: 'first', type: 'run.started', run: 'traced' };
    await post(`${ingestUrl}/v1/events`, started, '11111111111111111111111111111111', '00');
    const until = await watch('traced');
    await until('run.started');
    await post(
      `${ingestUrl}/v1/events`,
      [{ id: 'a', type: 'step.started', run: 'traced', data: { step: 'a' } }],
      traceId,
    );
    await until('step.started');
    const spans: ReceivedSpan[] = await whenTraced(traceId, [
      'ingest-gateway: POST /v1/events',
      'projector: project',
      'realtime-gateway: deliver',
    ]);
    const [request] = spans.filter(({ service }) => service === 'ingest-gateway');
    expect(request!.parentSpanId).toBe(PARENT_SPAN);
    // Both go on from the request, not from each other: the log lies between them.
    const others = spans.filter(({ service }) => service !== 'ingest-gateway');
    expect(others.map(({ parentSpanId }) => parentSpanId)).toEqual(others.map(() => request!.spanId));
    const batches = collector.spans.filter(({ name }) => name === 'project batch');
    expect(batches.map(({ links }) => links)).toContainEqual([traceId]);
    expect(batches.map((batch) => batch.traceId)).not.toContain(traceId);
  });

  it('that its caller did not want recorded is not', () => {
    expect(spansOf('11111111111111111111111111111111')).toEqual([]);
  });

  it('goes with a command to the agent, and with what the agent tells back into the log', async () => {
    const { natsUrl, realtimeUrl, tenant } = runcast.dev();
    const traceId = '7af92f3577b34da6a3ce929d0e0e4731';
    const taken: (string | undefined)[] = [];
    const serving = await serveAgent(
      'traced-agent',
      async (command, { tell }) => {
        taken.push(command.traceparent);
        await tell({ type: 'run.started', data: {} });
        await tell({ type: 'run.completed', data: { output: 'done' } });
      },
      { natsUrl, tenant },
    );
    try {
      const url = `${realtimeUrl}/api/v2/agents/traced-agent/stream`;
      await (await post(url, { message: 'hello' }, traceId)).text();
      await whenTraced(traceId, [
        'realtime-gateway: POST /api/v2/agents/:agentId/stream',
        'ingest-gateway: take events over NATS',
        'projector: project',
      ]);
      expect(taken).toHaveLength(1);
      expect(taken[0]).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
    } finally {
      await serving.stop();
    }
  });
});

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** What the expressions name that is not served, as `metric` or `metric: label`. */
function strangersIn(expressions: readonly string[], served: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  return expressions.flatMap((expression) => {
    const metrics = metricsIn(expression);
    const known = new Set(metrics.flatMap((metric) => [...(served.get(metric) ?? [])]));
    const labels = labelsIn(expression).filter((label) => !known.has(label) && !['job', 'instance'].includes(label));
    return [
      ...metrics.filter((metric) => !served.has(metric)),
      ...labels.map((label) => `${metrics.join(' ')}: ${label}`),
    ];
  });
}

describe('What on-call sees', () => {
  let served: Map<string, Set<string>>;

  beforeAll(async () => {
    const texts = Object.values(runcast.dev().metrics).map(async (url) => (await fetch(url)).text());
    served = servedIn((await Promise.all(texts)).join('\n'));
  });

  it('the panels of the dashboard ask for metrics and labels that there are', () => {
    const { panels } = JSON.parse(read('docker/observability/dashboard.json')) as {
      panels: { id: number; title: string; targets: { expr: string }[] }[];
    };
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    expect(expressions.length).toBeGreaterThan(20);
    expect(strangersIn(expressions, served)).toEqual([]);
  });

  it('the alerts watch metrics and labels that there are', () => {
    const { groups } = parse(read('docker/observability/alerts.yml')) as { groups: { rules: { expr: string }[] }[] };
    const expressions = groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));
    expect(strangersIn(expressions, served)).toEqual([]);
  });

  it('the page of metrics lists exactly those that there are', () => {
    const listed = [...read('docs/metrics.md').matchAll(/^\| `(runcast_\w+)` \|/gm)].map(([, name]) => name!);
    const own = [...served.keys()].filter((name) => name.startsWith('runcast_'));
    const families = new Set(own.map((name) => (served.has(name) ? name.replace(/_(?:bucket|sum|count)$/, '') : name)));
    expect(listed.sort()).toEqual([...families].sort());
  });

  it('would be found out for a metric or a label that there is not', () => {
    expect(strangersIn(['rate(runcast_nothing_total[5m])'], served)).toEqual(['runcast_nothing_total']);
    expect(strangersIn(['sum by (run) (runcast_open_streams)'], served)).toEqual(['runcast_open_streams: run']);
  });
});

describe('Real answers', () => {
  it('of both gateways are what their OpenAPI documents say, refusals too', async () => {
    const { ingestUrl, realtimeUrl } = runcast.dev();
    const ingest = await documentOf(ingestUrl);
    const realtime = await documentOf(realtimeUrl);
    const send = (body: object, dialect = 'runcast'): Promise<string[]> =>
      ingest.faults('POST', '/v1/events', `/v1/events?dialect=${dialect}`, { headers, body: JSON.stringify(body) });
    const event = { id: 'documented-1', type: 'run.started', run: 'documented', session: 'documented-session' };
    const answers = [
      await send(event),
      await send([event, { type: 'no run' }]),
      await send({ nothing: true }),
      await send(event, 'esperanto'),
      await ingest.faults('GET', '/health/ready', '/health/ready', { headers }),
      await ingest.faults('GET', '/version', '/version', { headers }),
      await realtime.faults('GET', '/v1/runs', '/v1/runs?limit=5', { headers }),
      await realtime.faults('GET', '/v1/runs', '/v1/runs?limit=none', { headers }),
      await realtime.faults('GET', '/v1/runs', '/v1/runs', {}),
      await realtime.faults('GET', '/v1/runs/{run}', '/v1/runs/traced', { headers }),
      await realtime.faults('GET', '/v1/runs/{run}', '/v1/runs/nowhere', { headers }),
      await realtime.faults('GET', '/v1/runs/{run}/events', '/v1/runs/traced/events', { headers }),
      await realtime.faults('GET', '/v1/sessions', '/v1/sessions', { headers }),
    ];
    expect(answers.flat()).toEqual([]);
  });

  it('would be found out where they are not', async () => {
    const { realtimeUrl } = runcast.dev();
    const realtime = await documentOf(realtimeUrl);
    const wrong = await realtime.faults('GET', '/v1/runs/{run}', '/v1/sessions?limit=1', { headers });
    expect(wrong).not.toEqual([]);
  });
});
