import { HttpConnection, type Target } from '../load/http-connection.ts';
import { Program } from '../load/program.ts';
import type { Audience, Watchers } from '../load/audience.ts';
import type { Transport } from '../load/watchers.ts';
import { cpuMsOf } from '../measure/process-cost.ts';
import type { BareWsMethods } from '../peers/bare-ws.ts';
import { startNchan, type Nchan } from '../peers/nchan.ts';
import { Installation } from '../world/installation.ts';
import { childrenOf } from '../world/machine.ts';
import type { Bench, CleanUp } from './figure.ts';

/** Something that takes an event by HTTP and sends it to everybody who is connected. */
export interface Broadcaster {
  readonly name: string;
  readonly transport: Transport;
  readonly audience: Audience;
  /** Sends one event; resolves when it was taken. */
  readonly post: () => Promise<void>;
  /** Sends so many at once, as its clients would. */
  readonly postBurst: (size: number) => Promise<void>;
  /** Processor time of the process that holds the clients. */
  readonly cpuMs: () => number;
}

export interface Audiences {
  readonly watchers: Watchers;
  readonly clients: number;
  readonly transports: readonly Transport[];
}

/** Runcast and its peers, each with as many clients as it is asked for. A peer that this machine lacks is left out. */
export async function broadcasters(bench: Bench, cleanUp: CleanUp, wanted: Audiences): Promise<Broadcaster[]> {
  const all = [
    ...(await runcasts(bench, cleanUp, wanted)),
    ...(await nchans(bench, cleanUp, wanted)),
    ...(wanted.transports.includes('websocket') ? [await bareWs(cleanUp, wanted)] : []),
  ];
  for (const { audience } of all) cleanUp.add(audience, (made) => made.leave());
  return all;
}

const HOST = '127.0.0.1';

async function runcasts(bench: Bench, cleanUp: CleanUp, wanted: Audiences): Promise<Broadcaster[]> {
  const installation = cleanUp.add(await Installation.create(bench.backends, { name: 'fanout' }), (made) =>
    made.remove(),
  );
  const [ingest, realtime] = [await installation.start('ingest-gateway'), await installation.start('realtime-gateway')];
  const { headers } = installation;
  const target = { host: HOST, port: ingest.port, path: '/v1/events', headers };
  const made: Broadcaster[] = [];
  for (const transport of wanted.transports) {
    const run = `watched-${transport}`;
    // A run of its own for each transport, so that each has its clients for itself.
    const paths = Array.from({ length: wanted.clients }, () => `/v1/runs/${run}/stream`);
    const audience = await wanted.watchers.gather({ transport, host: HOST, port: realtime.port, paths, headers });
    const connection = await HttpConnection.open(target);
    let count = 0;
    const text = (): string => eventOf(run, (count += 1));
    made.push({
      name: 'runcast',
      transport,
      audience,
      post: () => expectStatus(connection.post(text())),
      postBurst: (size) => expectStatus(connection.post(`[${Array.from({ length: size }, text).join(',')}]`)),
      cpuMs: () => realtime.cpuMs(),
    });
  }
  return made;
}

async function nchans({ backends, report }: Bench, cleanUp: CleanUp, wanted: Audiences): Promise<Broadcaster[]> {
  const made: Broadcaster[] = [];
  for (const transport of wanted.transports) {
    const nchan = await startNchan(backends.folder.file(`nchan-${transport}`), childrenOf, (pid) =>
      backends.folder.recordProcess(pid),
    );
    if (nchan === undefined) report('nchan is skipped: this machine has no nginx with ngx_nchan_module');
    else
      made.push(
        await nchanOf(
          cleanUp.add(nchan, (started) => started.stop()),
          transport,
          wanted,
        ),
      );
  }
  return made;
}

async function nchanOf({ port, workerPid }: Nchan, transport: Transport, wanted: Audiences): Promise<Broadcaster> {
  const paths = Array.from({ length: wanted.clients }, () => '/sub');
  const audience = await wanted.watchers.gather({ transport, host: HOST, port, paths, headers: '' });
  const target = { host: HOST, port, path: '/pub', headers: 'Content-Type: application/json\r\n' };
  return { name: 'nchan', transport, audience, cpuMs: () => cpuMsOf(workerPid), ...(await plainPosts(target)) };
}

async function bareWs(cleanUp: CleanUp, wanted: Audiences): Promise<Broadcaster> {
  const server = cleanUp.add(await Program.start<BareWsMethods>('peers/bare-ws'), (started) => started.stop());
  const port = await server.call('listen', undefined);
  const paths = Array.from({ length: wanted.clients }, () => '/');
  const audience = await wanted.watchers.gather({ transport: 'websocket', host: HOST, port, paths, headers: '' });
  const posts = await plainPosts({ host: HOST, port, path: '/', headers: '' });
  return { name: 'bare ws', transport: 'websocket', audience, cpuMs: () => cpuMsOf(server.pid), ...posts };
}

/** To a server that takes one event a request: a burst is many requests in one write. */
async function plainPosts(target: Target): Promise<Pick<Broadcaster, 'post' | 'postBurst'>> {
  const connection = await HttpConnection.open(target);
  let count = 0;
  const post = (): Promise<void> => expectStatus(connection.post(servedForm('watched', (count += 1))));
  return { post, postBurst: async (size) => void (await Promise.all(Array.from({ length: size }, post))) };
}

async function expectStatus(answered: Promise<number>): Promise<void> {
  const status = await answered;
  if (status < 200 || status > 299) throw new Error(`an event was answered with ${status}`);
}

const DATA = `{"tool":"search","callId":"call-1","output":{"text":"${'Found it in the second document. '.repeat(6)}"}}`;

function eventOf(run: string, number: number): string {
  const type = number === 1 ? 'run.started' : 'tool-call.completed';
  return `{"id":"e${number}","run":"${run}","agent":"bench-agent","type":"${type}","data":${DATA}}`;
}

/** What Runcast makes of such an event for its readers: the peers send as many bytes. */
function servedForm(run: string, number: number): string {
  const head =
    `"position":"0.a1b2c3d4e5f6.${number}","id":"e${number}","run":"${run}","agent":"bench-agent",` +
    `"type":"tool-call.completed","level":"info","occurred_at":"2026-11-21T12:00:00.000000Z",` +
    `"received_at":"2026-11-21T12:00:00.000000Z","dialect":"runcast"`;
  return `{${head},"data":${DATA}}`;
}
