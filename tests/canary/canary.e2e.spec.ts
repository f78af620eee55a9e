import { join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serveAgent, type Handler } from '@runcast/client/serve';
import { openDatabase, writeRedactionRules } from '@runcast/read-models';
import { DIALECT_NAMES } from '@runcast/run-events';
import { waitFor } from '@runcast/test-harness';
import WebSocket from 'ws';
import { startRuncast, type RunningRuncast } from '../this-checkout.ts';
import { exampleEvents, Planter, type Planted } from './canaries.ts';
import { canariesIn, canariesInFiles, canariesInTables } from './surfaces.ts';

const planter = new Planter();
const answers: string[] = [];
const frames: string[] = [];
const sockets: WebSocket[] = [];
let runcast: RunningRuncast;
let nats: NatsConnection;
beforeAll(async () => {
  runcast = await startRuncast({ LOG_LEVEL: 'trace' });
  nats = await connect({ servers: runcast.dev().natsUrl });
});
afterAll(async () => {
  for (const socket of sockets) socket.terminate();
  await nats?.close();
  await runcast?.stop();
});

async function ask(
  base: 'ingestUrl' | 'realtimeUrl',
  method: string,
  path: string,
  body?: string,
  type = 'application/json',
) {
  const dev = runcast.dev();
  const headers = { authorization: `Bearer ${dev.apiKey}`, ...(body !== undefined && { 'content-type': type }) };
  const response = await fetch(dev[base] + path, { method, headers, ...(body !== undefined && { body }) });
  const text = await response.text();
  answers.push(text);
  return { status: response.status, text };
}

/** Watches runs live in every dialect; resolves once all are subscribed. */
async function watch(runs: readonly string[]): Promise<void> {
  const { realtimeUrl, apiKey } = runcast.dev();
  for (const dialect of DIALECT_NAMES) {
    const socket = new WebSocket(`${realtimeUrl.replace('http', 'ws')}/v1/stream`, {
      headers: { 'x-api-key': apiKey },
    });
    sockets.push(socket);
    let subscribed = 0;
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      frames.push(text);
      if (text.includes('"control":"subscribed"')) subscribed += 1;
    });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    for (const run of runs) {
      socket.send(JSON.stringify({ action: 'subscribe', subscription: run, run, dialect, follow: true }));
    }
    await waitFor(() => subscribed === runs.length, { describe: `${runs.length} subscriptions in ${dialect}` });
  }
}

/** An event after all others of a run: once its frame is here, so are theirs. */
async function closeRuns(runs: readonly string[], word: string): Promise<void> {
  const texts = runs.map((run) => JSON.stringify({ type: 'note.taken', run, id: word, data: { word } }));
  for (let at = 0; at < texts.length; at += 500) {
    const { status, text } = await ask('ingestUrl', 'POST', '/v1/events', `[${texts.slice(at, at + 500).join(',')}]`);
    expect(status).toBe(202);
    const last = (JSON.parse(text) as { results: { position: string }[] }).results.at(-1)!;
    expect((await ask('realtimeUrl', 'GET', `/v1/runs?limit=1&wait_for=${last.position}`)).status).toBe(200);
  }
  const arrived = () =>
    frames.filter((frame) => frame.includes(`"word":"${word}"`) && frame.includes('"type":"note.taken"')).length;
  await waitFor(() => arrived() >= runs.length, {
    describe: () => `${arrived()} of ${runs.length} last frames`,
  });
}

async function search() {
  const home = runcast.home;
  const log = canariesInFiles(join(home, 'nats'));
  const lines = canariesInFiles(join(home, 'logs'));
  const metrics = await Promise.all(Object.values(runcast.dev().metrics).map(async (url) => (await fetch(url)).text()));
  const tables = await canariesInTables(runcast.dev().databaseUrl);
  return {
    log,
    lines,
    tables,
    metrics: canariesIn(metrics.join('\n')),
    frames: canariesIn(frames.join('\n')),
    answers: canariesIn(answers.join('\n')),
  };
}

describe('a planted secret', () => {
  const accepted = new Map<string, number>();
  const count = (way: string, status: number): void => {
    if (status === 202 || status === 200) accepted.set(way, (accepted.get(way) ?? 0) + 1);
  };

  it('is found nowhere, wherever in an event it stood and whichever way it came in', async () => {
    const planted: Planted[] = [];
    const runs = new Set<string>();
    for (const dialect of DIALECT_NAMES) {
      const events = exampleEvents(dialect);
      const { text } = await ask(
        'ingestUrl',
        'POST',
        `/v1/events?dialect=${dialect}&run=canary-${dialect}`,
        JSON.stringify(events),
      );
      for (const { run_id } of (JSON.parse(text) as { results: { run_id?: string }[] }).results)
        if (run_id) runs.add(run_id);
      for (const event of events) planted.push(...planter.plantEverywhere(dialect, event));
    }
    await watch([...runs]);
    await sendPlanted(planted);
    await askVendors();
    await closeRuns([...runs], 'done');
    for (const run of [...runs].slice(0, 40)) {
      for (const dialect of DIALECT_NAMES) {
        await ask('realtimeUrl', 'GET', `/v1/runs/${encodeURIComponent(run)}/events?limit=1000&dialect=${dialect}`);
      }
    }
    const { log, lines, tables, ...seen } = await search();
    const total = [...accepted.values()].reduce((sum, n) => sum + n, 0);
    process.stdout.write(
      `canaries: ${total} secrets stored (${[...accepted].map(([way, n]) => `${way} ${n}`).join(', ')}); ` +
        `searched ${log.files} files of the log, ${tables.rows} rows, ${lines.files} files of log lines, ` +
        `${frames.length} live frames, ${answers.length} answers: ` +
        `${[log, lines, tables].flatMap(({ found }) => found).length + seen.metrics.length + seen.frames.length + seen.answers.length} found\n`,
    );
    expect({ log: log.found, lines: lines.found, tables: tables.found, ...seen }).toEqual({
      log: [],
      lines: [],
      tables: [],
      metrics: [],
      frames: [],
      answers: [],
    });
    expect(total).toBeGreaterThan(200);
    for (const way of ['http', 'batch', 'nats', 'agent-os', 'vectara', 'inference', 'workflow']) {
      expect([way, accepted.get(way)]).toEqual([way, expect.any(Number)]);
    }
    expect(tables.rows).toBeGreaterThan(200);
    expect(frames.length).toBeGreaterThan(200);
  });

  it('control: is found in the log, the tables and the frames where redaction is off', async () => {
    const { databaseUrl, tenant } = runcast.dev();
    const database = openDatabase({ databaseUrl, applicationName: 'canary' });
    await writeRedactionRules(database, tenant, { off: true });
    await database.end();
    const isOff = async () =>
      (await ask('ingestUrl', 'POST', '/v1/redaction/preview', '{"event":{"password":"x"}}')).text.includes('"x"');
    await waitFor(isOff, { describe: 'redaction to be off' });
    const { number, text } = planter.secret();
    await watch(['control']);
    const event = JSON.stringify({ type: 'note.taken', run: 'control', data: { text } });
    expect((await ask('ingestUrl', 'POST', '/v1/events', event)).status).toBe(202);
    await closeRuns(['control'], 'over');
    const { log, tables, frames: live } = await search();
    expect([log.found, tables.found, live]).toEqual([[number], [number], [number]]);
  });

  /** The ways take turns: every event comes in through one of them. */
  async function sendPlanted(planted: readonly Planted[]): Promise<void> {
    const { tenant } = runcast.dev();
    const batches = new Map<string, string[]>();
    for (const [index, { dialect, event }] of planted.entries()) {
      const text = JSON.stringify(event);
      if (dialect === 'agent-os' && index % 2 === 0) {
        count('agent-os', (await ask('ingestUrl', 'POST', '/api/ingest', text)).status);
      } else if (index % 5 === 0) {
        count(
          'http',
          (await ask('ingestUrl', 'POST', `/v1/events?dialect=${dialect}&run=canary-${dialect}`, text)).status,
        );
      } else if (index % 5 === 1) {
        const { data } = await nats.request(`runcast.ingest.${tenant}.${dialect}`, text, { timeout: 60_000 });
        const answer = Buffer.from(data).toString();
        answers.push(answer);
        count('nats', answer.includes('"accepted":true') ? 202 : 400);
      } else {
        batches.set(dialect, [...(batches.get(dialect) ?? []), text]);
      }
    }
    for (const [dialect, texts] of batches) {
      for (let at = 0; at < texts.length; at += 100) {
        const lines = texts.slice(at, at + 100).join('\n');
        const path = `/v1/events?dialect=${dialect}&run=canary-${dialect}`;
        const { text } = await ask('ingestUrl', 'POST', path, lines, 'application/x-ndjson');
        for (const { status } of (JSON.parse(text) as { results: { status: string }[] }).results) {
          count('batch', status === 'stored' ? 202 : 400);
        }
      }
    }
  }

  /** What vendors' endpoints append and queue, and what an agent that repeats its input tells. */
  async function askVendors(): Promise<void> {
    const { natsUrl, tenant } = runcast.dev();
    const parrot: Handler = async ({ message, input }, { tell }) => {
      await tell({ type: 'run.started', data: { input: { message, input } } });
      await tell({ type: 'step.failed', data: { step: 'repeat', error: { message: `cannot repeat ${message}` } } });
      await tell({ type: 'run.completed', data: { output: message } });
    };
    const agent = await serveAgent('parrot', parrot, { natsUrl, tenant });
    for (let turn = 0; turn < 11; turn += 1) {
      const { text } = planter.secret();
      const messages = [{ type: 'text', content: text }];
      const input = await ask(
        'realtimeUrl',
        'POST',
        '/v2/agents/parrot/sessions/canary/events',
        JSON.stringify({ messages, note: text }),
      );
      count('vectara', input.status);
      const said = JSON.stringify({ agent_id: 'parrot', message: planter.secret().text, session_id: 'canary-chat' });
      count('inference', (await ask('realtimeUrl', 'POST', '/v3/inference/chat', said)).status);
      const flow = { flow_name: 'canary-flow', run_name: `run-${turn}`, input: { text: planter.secret().text } };
      count('workflow', (await ask('realtimeUrl', 'POST', '/run-dag/', JSON.stringify(flow))).status);
    }
    await agent.stop();
  }
});
