import { Agent, request as openRequest } from 'node:http';
import { connect as connectNats, headers as natsHeaders, type NatsConnection } from '@nats-io/transport-node';
import { ApiKeys, openDatabase } from '@runcast/read-models';
import { waitFor } from '@runcast/test-harness';
import fc from 'fast-check';
import WebSocket from 'ws';
import type { DevFile } from '../new-user.ts';
import { faultOf, type Answer } from './judge.ts';
import {
  nastyFrame,
  nastyMessage,
  nastyRequest,
  nastyUpgrade,
  type NastyMessage,
  type NastyRequest,
  type NastyUpgrade,
} from './nasty-requests.ts';

export interface FuzzReport {
  readonly requests: number;
  readonly frames: number;
  readonly upgrades: number;
  readonly messages: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** What was wrong, with what it was the answer to. */
  readonly faults: readonly string[];
}

/** Words that only the events of one tenant hold. Each has the run and the session `shared`. */
const MARKS = { demo: 'DEMO-ONLY-7f3a', rival: 'RIVAL-ONLY-91c2', clerk: 'CLERK-ONLY-b04d' } as const;
type Tenant = keyof typeof MARKS;
const TENANTS = Object.keys(MARKS) as Tenant[];

/** What the NATS intake answers with, and a frame, which has no status. */
const OVER_NATS: ReadonlySet<number> = new Set([202, 400, 409, 410, 413, 429]);
const FRAME: ReadonlySet<number> = new Set([200]);
const UPGRADE: ReadonlySet<number> = new Set([101, 400, 401, 403, 404, 405, 410, 414, 415, 426]);

const CHUNK = 500;
const CONCURRENT = 32;
/** A stream stays open: what it says at once is enough to judge it. */
const STREAM_MS = 50;
const ANSWER_MS = 20_000;

/**
 * Sends `count` generated things to a Runcast: requests, frames and upgrades, and NATS messages, 8 : 1 : 1. The same seed,
 * the same things.
 */
export async function fuzz(dev: DevFile, { seed, count }: { seed: number; count: number }): Promise<FuzzReport> {
  const keys = await makeKeys(dev.databaseUrl);
  for (const tenant of TENANTS) await plantMark(dev, tenant, keys[tenant]);
  const run = new FuzzRun(dev, keys);
  const nats = await connectNats({ servers: dev.natsUrl });
  const turns = Math.ceil(count / (CHUNK * 10));
  for (let turn = 0; turn < turns; turn += 1) {
    const size = Math.min(CHUNK, Math.ceil(count / 10));
    const sample = <T>(arbitrary: fc.Arbitrary<T>, times: number) =>
      fc.sample(arbitrary, { seed: seed + turn, numRuns: times });
    await Promise.all([
      run.sendRequests(sample(nastyRequest, size * 8)),
      run.sendFrames(sample(nastyFrame, Math.ceil((size * 4) / 5))),
      run.sendUpgrades(sample(nastyUpgrade, Math.floor(size / 5))),
      run.sendMessages(nats, sample(nastyMessage, size)),
    ]);
  }
  await nats.close();
  return run.report();
}

class FuzzRun {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: CONCURRENT });
  private readonly statuses: Record<string, number> = {};
  private readonly faults: string[] = [];
  private readonly counts = { requests: 0, frames: 0, upgrades: 0, messages: 0 };

  constructor(
    private readonly dev: DevFile,
    private readonly keys: Record<Tenant, string>,
  ) {}

  report(): FuzzReport {
    this.agent.destroy();
    return { ...this.counts, statuses: this.statuses, faults: this.faults };
  }

  async sendRequests(requests: readonly NastyRequest[]): Promise<void> {
    const queue = requests.values();
    const worker = async () => {
      for (const request of queue) {
        this.counts.requests += 1;
        this.judge(await this.send(request), tenantOf(request), request, request.documented);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENT }, worker));
  }

  /** One socket takes frames until it is closed, then another; each frame is answered before the next few. */
  async sendFrames(frames: readonly string[]): Promise<void> {
    let socket: WebSocket | undefined;
    for (const frame of frames) {
      this.counts.frames += 1;
      if (socket?.readyState !== WebSocket.OPEN) socket = await this.openSocket();
      socket.send(frame);
      if (this.counts.frames % 20 === 0) await this.pong(socket);
    }
    socket?.terminate();
  }

  /** Every refusal of an upgrade is an answer; one that is let in is closed after what it says at once. */
  async sendUpgrades(upgrades: readonly NastyUpgrade[]): Promise<void> {
    for (const upgrade of upgrades) {
      this.counts.upgrades += 1;
      this.judge(await this.upgrade(upgrade), 'demo', upgrade, UPGRADE);
    }
  }

  async sendMessages(nats: NatsConnection, messages: readonly NastyMessage[]): Promise<void> {
    for (const { tenant, dialect, body, headers } of messages) {
      this.counts.messages += 1;
      const beside = natsHeaders();
      for (const [name, text] of Object.entries(headers)) beside.set(name, text.trim());
      const token = tenant.replace(/[^!-~]|[.*>]/g, '') || 'demo';
      const subject = `runcast.ingest.${token.slice(0, 200)}.${dialect}`;
      const reply = await nats.request(subject, body, { timeout: ANSWER_MS, headers: beside }).catch(() => undefined);
      const text = reply === undefined ? '' : Buffer.from(reply.data).toString();
      const { status = 202 } = (text === '' ? { status: 0 } : JSON.parse(text)) as { status?: number };
      this.judge({ status, text, contentType: 'application/json' }, undefined, { subject, body, headers }, OVER_NATS);
    }
  }

  private judge(answer: Answer, tenant: Tenant | undefined, to: unknown, documented: ReadonlySet<number>): void {
    this.statuses[answer.status] = (this.statuses[answer.status] ?? 0) + 1;
    const foreign = TENANTS.filter((other) => other !== tenant).map((other) => MARKS[other]);
    const fault = faultOf(answer, { documented, foreign });
    if (fault) this.faults.push(`${fault}: ${JSON.stringify(to).slice(0, 400)} -> ${answer.text.slice(0, 300)}`);
  }

  /** A connection that the server closed after its last answer may just have been reused: only a fresh one proves a cut. */
  private async send(request: NastyRequest): Promise<Answer> {
    const answer = await this.sendOnce(request, this.agent);
    return answer.status === 0 ? this.sendOnce(request, false) : answer;
  }

  private sendOnce(
    { base, method, path, headers, credential, body }: NastyRequest,
    agent: Agent | false,
  ): Promise<Answer> {
    const key = typeof credential === 'object' ? credential.bearer : credential === 'none' ? '' : this.keys[credential];
    const url = new URL(this.dev[base]);
    const options = {
      agent,
      host: url.hostname,
      port: url.port,
      method,
      path,
      headers: { ...headers, ...(key !== '' && { authorization: `Bearer ${key}` }) },
    };
    return new Promise((resolve) => {
      const cut = () => resolve({ status: 0, text: '', contentType: '' });
      const sent = openRequest(options, (response) => {
        let text = '';
        const contentType = String(response.headers['content-type'] ?? '');
        const done = () => resolve({ status: response.statusCode ?? 0, text, contentType });
        response.on('data', (chunk: Buffer) => (text += chunk.toString())).on('end', done);
        response.on('error', () => undefined).on('close', done);
        if (contentType.startsWith('text/event-stream')) setTimeout(() => response.destroy(), STREAM_MS);
      });
      sent.on('error', cut).setTimeout(ANSWER_MS, () => sent.destroy());
      sent.end(body);
    });
  }

  private upgrade({ path, headers }: NastyUpgrade): Promise<Answer> {
    const url = new URL(this.dev.realtimeUrl);
    const key = {
      connection: 'Upgrade',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    };
    const sent = openRequest({
      host: url.hostname,
      port: url.port,
      path,
      agent: false,
      headers: { 'x-api-key': this.keys.demo, ...headers, ...key, upgrade: 'websocket' },
    });
    return new Promise((resolve) => {
      const answered = (status: number, text: string) => resolve({ status, text, contentType: 'application/json' });
      sent.on('upgrade', (_response, socket, head) => {
        let text = head.toString();
        socket.on('data', (chunk: Buffer) => (text += chunk.toString())).on('error', () => undefined);
        setTimeout(() => void (socket.destroy(), answered(101, text)), STREAM_MS);
      });
      sent.on('response', (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('close', () => answered(response.statusCode ?? 0, text)).on('error', () => undefined);
      });
      sent.on('error', () => answered(0, '')).setTimeout(ANSWER_MS, () => sent.destroy());
      sent.end();
    });
  }

  private async openSocket(): Promise<WebSocket> {
    const socket = new WebSocket(`${this.dev.realtimeUrl.replace('http', 'ws')}/v1/stream`, {
      headers: { 'x-api-key': this.keys.demo },
    });
    socket.on('message', (data: Buffer) => {
      this.judge({ status: 200, text: data.toString(), contentType: 'application/json' }, 'demo', 'a frame', FRAME);
    });
    // Ours, and those that docs/close-codes.md names besides.
    socket.on('close', (code) => {
      if (![1000, 1005, 1006, 1007, 1009].includes(code)) this.faults.push(`a socket was closed with ${code}`);
    });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return socket.on('error', () => undefined);
  }

  /** Resolves once everything before it was read: frames are answered in their order. */
  private pong(socket: WebSocket): Promise<void> {
    return new Promise((resolve) => {
      if (socket.readyState !== WebSocket.OPEN) return resolve();
      const onMessage = (data: Buffer) => data.toString() === '{"type":"pong"}' && done();
      const done = () => {
        socket.off('message', onMessage).off('close', done);
        resolve();
      };
      socket.on('message', onMessage).on('close', done);
      socket.send('{"action":"ping"}');
    });
  }
}

function tenantOf({ credential }: NastyRequest): Tenant | undefined {
  return credential === 'none' || typeof credential === 'object' ? undefined : credential;
}

/** A tenant of its own does what administrators do: what it erases and holds is not what the others are watched for. */
async function makeKeys(databaseUrl: string): Promise<Record<Tenant, string>> {
  const database = openDatabase({ databaseUrl, applicationName: 'fuzz' });
  const scopes = ['ingest', 'read', 'invoke'];
  const make = async (tenant: Tenant, more: readonly string[] = []) =>
    (await new ApiKeys(database).create({ tenant, name: 'fuzz', scopes: [...scopes, ...more], actor: 'fuzz' })).key;
  const keys = { demo: await make('demo'), rival: await make('rival'), clerk: await make('clerk', ['admin']) };
  await database.end();
  return keys;
}

/** Resolves once both gateways know the key, each of which learns of it by itself, and the tables hold what it said. */
async function plantMark(dev: DevFile, tenant: Tenant, key: string): Promise<void> {
  const event = { type: 'run.started', id: 'mark', run: 'shared', session: 'shared', data: { message: MARKS[tenant] } };
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const isTaken = async () => {
    const options = { method: 'POST', headers, body: JSON.stringify(event) };
    return (await fetch(`${dev.ingestUrl}/v1/events`, options)).status === 202;
  };
  const isShown = async () => (await fetch(`${dev.realtimeUrl}/v1/runs/shared`, { headers })).status === 200;
  await waitFor(isTaken, { describe: `the key of ${tenant} to be taken` });
  await waitFor(isShown, { describe: `the run of ${tenant} to be shown` });
}

/** One paragraph for people. */
export function summary({ requests, frames, upgrades, messages, statuses, faults }: FuzzReport): string {
  const answers = Object.entries(statuses).map(([status, count]) => `${status}: ${count}`);
  return (
    `fuzz: ${requests + frames + upgrades + messages} sent (${requests} requests, ${frames} WebSocket frames, ` +
    `${upgrades} upgrades, ${messages} NATS messages); ` +
    `answers ${answers.join(', ')}; ${faults.length} faults`
  );
}
