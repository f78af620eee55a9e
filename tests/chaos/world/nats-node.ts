import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { launch, waitUntilReady, type LaunchedProcess } from '@runcast/local-backends';
import type { ClusterNetwork } from './cluster-network.ts';
import type { RunFolder } from './run-folder.ts';

export interface NatsNodeOptions {
  readonly binary: string;
  readonly index: number;
  readonly network: ClusterNetwork;
  readonly folder: RunFolder;
  readonly storeDir: string;
  /** `false`: the server's default, which acknowledges what is in memory only. For the control. */
  readonly syncAlways: boolean;
}

const READY_MS = 30_000;
const PROBE_MS = 1_000;

/** One member of the cluster. */
export class NatsNode {
  readonly name: string;
  private running: LaunchedProcess | undefined;

  constructor(private readonly options: NatsNodeOptions) {
    this.name = `n${options.index}`;
  }

  get index(): number {
    return this.options.index;
  }

  get pid(): number {
    return this.running!.pid;
  }

  get storeDir(): string {
    return this.options.storeDir;
  }

  /** Resolves when it answers; it may not have caught up with its peers yet, see `healthy`. */
  async start(): Promise<void> {
    const { binary, index, network, folder, storeDir } = this.options;
    await mkdir(storeDir, { recursive: true });
    const configFile = folder.file(`${this.name}.conf`);
    await writeFile(configFile, this.configuration());
    const [command, ...args] = [...network.enter(index), binary, '-c', configFile];
    const logFile = folder.file('logs', `nats-${this.name}.log`);
    this.running = await launch({ command: command, args, logFile });
    folder.recordProcess(this.running.pid);
    const answers = async (): Promise<boolean> => (await this.ask('/varz')) !== undefined;
    await waitUntilReady({ backend: this.name, process: this.running, logFile, withinMs: READY_MS, answers });
  }

  async kill(): Promise<void> {
    await this.running?.stop('SIGKILL', 0);
  }

  async stop(): Promise<void> {
    await this.running?.stop('SIGTERM', 5_000);
  }

  freeze(): void {
    process.kill(this.pid, 'SIGSTOP');
  }

  thaw(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  /** Whether it has caught up with everything it is a part of. */
  async healthy(): Promise<boolean> {
    const health = (await this.ask('/healthz')) as { status?: string } | undefined;
    return health?.status === 'ok';
  }

  /** Its answer on the monitoring port; `undefined` when there is none. */
  async ask(path: string): Promise<unknown> {
    const { monitoring } = this.options.network.listen[this.index]!;
    try {
      const response = await fetch(`http://${monitoring}${path}`, { signal: AbortSignal.timeout(PROBE_MS) });
      return await response.json();
    } catch {
      return undefined;
    }
  }

  private configuration(): string {
    const { index, network, storeDir, syncAlways } = this.options;
    const { clients, peers, monitoring } = network.listen[index]!;
    const others = network.listen.flatMap((_, to) => (to === index ? [] : [`nats://${network.route(index, to)}`]));
    return [
      `server_name: ${this.name}`,
      `listen: "${clients}"`,
      `http: "${monitoring}"`,
      'max_payload: 4MB',
      'jetstream {',
      `  store_dir: ${JSON.stringify(join(storeDir, 'jetstream'))}`,
      '  max_file_store: 6GB',
      ...(syncAlways ? ['  sync_interval: always'] : []),
      '}',
      'cluster {',
      '  name: chaos',
      `  listen: "${peers}"`,
      // Nobody may learn an address that leads past the proxies and links we break.
      '  no_advertise: true',
      `  routes: [${others.map((route) => JSON.stringify(route)).join(', ')}]`,
      '}',
      '',
    ].join('\n');
  }
}
