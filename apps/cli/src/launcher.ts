import { randomBytes } from 'node:crypto';
import { freePort } from '@runcast/local-backends';
import { migrate } from '@runcast/read-models';
import { natsPart, postgresPart } from './backend-parts.ts';
import { choosePort } from './choose-port.ts';
import { keepDemoKey } from './demo-key.ts';
import { writeDevFile, type Addresses } from './dev-file.ts';
import type { Home } from './home.ts';
import { ProcessList } from './process-list.ts';
import { demoAgentPart, localUrl, serviceParts } from './services.ts';
import { supervise, type Part, type Supervised } from './supervise.ts';
import type { UpConfig } from './up-config.ts';

export interface LaunchContext {
  /** The repository. */
  readonly root: string;
  readonly home: Home;
  readonly config: UpConfig;
  readonly env: NodeJS.ProcessEnv;
  readonly report: (line: string) => void;
}

/** Whoever writes ends before whom it writes to; those in one group end together. */
const STOP_ORDER = [['demoAgent'], ['ingest', 'realtime'], ['projector'], ['nats'], ['postgres']];

/** Starts everything that `npm start` runs, keeps it running, and stops it. */
export class Launcher {
  readonly #parts = new Map<string, Supervised>();
  readonly #processes: ProcessList;
  #addresses: Addresses | undefined;
  #stopping = false;

  constructor(private readonly context: LaunchContext) {
    this.#processes = new ProcessList(context.home);
  }

  /** Resolves once all of it serves. Rejects when something does not come up, and when it is stopped meanwhile. */
  async start(): Promise<Addresses> {
    const { home, config, report } = this.context;
    const ports = {
      ingest: await choosePort(config.ports.ingest, 'ingest', report),
      realtime: await choosePort(config.ports.realtime, 'realtime', report),
      projector: await freePort(),
    };
    const metricsPorts = { ingest: await freePort(), realtime: await freePort(), projector: await freePort() };
    const [natsUrl, databaseUrl] = await Promise.all([this.#nats(), this.#postgres()]);
    const ran = await migrate(databaseUrl);
    report(ran.length > 0 ? `tables: migrated (${ran.join(', ')})` : 'tables: up to date');
    const demoKey = await keepDemoKey(home, databaseUrl);
    const around = {
      ...this.context,
      natsUrl,
      databaseUrl,
      ports,
      metricsPorts,
      demoKey,
      signingKey: keepSigningKey(home),
    };
    await Promise.all(serviceParts(around).map((part) => this.#run(part)));
    if (config.demo) await this.#run(demoAgentPart(around));
    const [ingestUrl, realtimeUrl] = [ports.ingest, ports.realtime].map((port) => localUrl(config.host, port));
    const metricsUrls = Object.entries(metricsPorts).map(([name, port]) => [
      name,
      `${localUrl(config.host, port)}/metrics`,
    ]);
    this.#addresses = {
      ingestUrl: ingestUrl!,
      realtimeUrl: realtimeUrl!,
      natsUrl,
      databaseUrl,
      apiKey: demoKey,
      metrics: Object.fromEntries(metricsUrls) as Addresses['metrics'],
    };
    this.#publish();
    return this.#addresses;
  }

  /** Ends all of it in order, whatever state it is in. Data stays. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const group of STOP_ORDER) await Promise.all(group.map(async (name) => this.#parts.get(name)?.stop()));
    this.context.home.remove('devFile');
    this.context.home.remove('processes');
  }

  /** For whoever cannot wait: ends every process at once. The next start recovers, as after a crash. */
  kill(): void {
    this.#stopping = true;
    for (const pid of this.#processes.pids()) process.kill(pid, 'SIGKILL');
  }

  async #nats(): Promise<string> {
    const { config, home, env, report } = this.context;
    if (config.natsUrl !== undefined) return config.natsUrl;
    const part = await natsPart(home, await choosePort(config.ports.nats, 'nats', report), env, report);
    await this.#run(part);
    return part.url();
  }

  async #postgres(): Promise<string> {
    const { config, home, report } = this.context;
    if (config.databaseUrl !== undefined) return config.databaseUrl;
    const part = postgresPart(home, await choosePort(config.ports.postgres, 'postgres', report));
    await this.#run(part);
    return part.url();
  }

  async #run(part: Part): Promise<void> {
    if (this.#stopping) throw new Error('stopped while starting');
    const supervised = supervise(part, {
      started: (name, pid) => this.#changed(() => this.#processes.started(name, pid)),
      ended: (name) => this.#changed(() => this.#processes.ended(name)),
      report: this.context.report,
    });
    this.#parts.set(part.name, supervised);
    await supervised.serving;
    this.context.report(`${part.name}: serving`);
  }

  #changed(change: () => void): void {
    change();
    this.#publish();
  }

  /** dev.json exists only while everything has been up once and is not going down. */
  #publish(): void {
    if (this.#addresses && !this.#stopping) writeDevFile(this.context.home, this.#addresses, this.#processes);
  }
}

/** Signs page keys; 256 bits, made once, so that keys handed out before a restart stay valid. */
function keepSigningKey(home: Home): string {
  const kept = home.read('signingKey') ?? randomBytes(32).toString('hex');
  home.write('signingKey', kept);
  return kept;
}
