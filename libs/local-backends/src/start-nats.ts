import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { launch, type LaunchedProcess } from './launch.ts';
import type { RunningBackend } from './running-backend.ts';
import { waitUntilReady } from './wait-until-ready.ts';

export interface NatsOptions {
  /** The nats-server to run. */
  readonly binary: string;
  /** 0: any free one. */
  readonly port: number;
  /** Holds the streams and the configuration file; made when it does not exist. */
  readonly storeDir: string;
  /** Default: `nats.log` in storeDir. */
  readonly logFile?: string;
  /** Opens the HTTP monitoring port on the loopback. Default: none. */
  readonly monitoringPort?: number;
  /**
   * How much all streams together may reserve, e.g. `8TB`; without it what the server makes of the disk's free space. A
   * reservation is a number, not bytes: for hundreds of streams that never hold more than a little.
   */
  readonly reservable?: string;
  /** Told as soon as the process exists: whoever records it can end it even when we are killed before it answers. */
  readonly onSpawn?: (pid: number) => void;
}

/** Recovering a large store comes before the first connection. */
const READY_MS = 60_000;
/** nats-server itself forces its end after 10 s of lame duck or a stuck flush. */
const STOP_MS = 15_000;

/** Starts a nats-server with JetStream on the loopback. What it has acknowledged is on the disk. */
export async function startNats(options: NatsOptions): Promise<RunningBackend> {
  const { storeDir, logFile = join(storeDir, 'nats.log') } = options;
  await mkdir(storeDir, { recursive: true });
  const name = `runcast-${randomBytes(4).toString('hex')}`;
  const configFile = join(storeDir, 'nats-server.conf');
  await writeFile(configFile, configuration(options, name));
  const process = await launch({ command: options.binary, args: ['-c', configFile], logFile });
  options.onSpawn?.(process.pid);
  let port = options.port;
  const answers = async (): Promise<boolean> => {
    port ||= await chosenPort(storeDir, process.pid);
    return introducesItself(port, name);
  };
  await waitUntilReady({ backend: 'nats-server', process, logFile, withinMs: READY_MS, answers });
  return running(process, port);
}

function running(process: LaunchedProcess, port: number): RunningBackend {
  return {
    url: `nats://127.0.0.1:${port}`,
    pid: process.pid,
    port,
    exited: process.exited,
    async stop() {
      await process.stop('SIGTERM', STOP_MS);
    },
  };
}

/**
 * `sync_interval: always`: without it an acknowledged message is in the page cache only. 4 MB of payload: the largest
 * batch a gateway publishes at once is well below, and a larger message is a mistake.
 */
function configuration(options: NatsOptions, name: string): string {
  const storeDir = JSON.stringify(options.storeDir);
  return [
    `server_name: ${name}`,
    'host: 127.0.0.1',
    // A free port is picked by the server itself: no race with whoever else looks for one.
    ...(options.port === 0 ? ['port: -1', `ports_file_dir: ${storeDir}`] : [`port: ${options.port}`]),
    ...(options.monitoringPort === undefined ? [] : [`http: 127.0.0.1:${options.monitoringPort}`]),
    'max_payload: 4MB',
    'jetstream {',
    `  store_dir: ${storeDir}`,
    '  sync_interval: always',
    ...(options.reservable === undefined
      ? []
      : [`  max_file_store: ${options.reservable}`, `  max_memory_store: ${options.reservable}`]),
    '}',
    '',
  ].join('\n');
}

/** The port out of the file that the server writes about itself; 0 while there is none. */
async function chosenPort(storeDir: string, pid: number): Promise<number> {
  const file = join(storeDir, `nats-server_${pid}.ports`);
  const { nats } = JSON.parse(await readFile(file, 'utf8')) as { nats?: string[] };
  if (!nats?.[0]) return 0;
  await rm(file, { force: true });
  return Number(new URL(nats[0]).port);
}

/** One exchange of the NATS protocol. The name tells our server from a stranger who holds the port. */
function introducesItself(port: number, name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    let text = '';
    socket.setTimeout(2_000, () => done(false));
    socket.once('error', () => done(false));
    socket.once('close', () => done(false));
    socket.once('connect', () => socket.write('CONNECT {"verbose":false}\r\nPING\r\n'));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (text.includes('\r\nPONG'))
        done(text.includes(`"server_name":"${name}"`) && text.includes('"jetstream":true'));
    });
  });
}
