import { setTimeout as sleep } from 'node:timers/promises';
import { launch, type Exit, type LaunchedProcess } from '@runcast/local-backends';
import { waitFor } from '@runcast/test-harness';
import type { RunFolder } from './run-folder.ts';

export interface ReplicaOptions {
  readonly name: string;
  /** The program that Node runs. */
  readonly main: string;
  readonly env: NodeJS.ProcessEnv;
  readonly port: number;
  /** Where it serves its metrics. */
  readonly metricsPort: number;
  readonly folder: RunFolder;
}

const READY_MS = 40_000;
const PROBE_MS = 1_000;
/** A service's own drain deadline is 25 s; the promise is 30. */
const DRAIN_MS = 30_000;
const RESTART_PAUSE_MS = 300;

/** One service process, started again on its port whenever it ends, as an orchestrator would. */
export class Replica {
  readonly url: string;
  /** Ends that nobody had ordered: crashes, and starts that failed because something else was away. */
  readonly ownExits: Exit[] = [];
  private process: LaunchedProcess | undefined;
  private ordered = false;
  private closing = false;

  constructor(private readonly options: ReplicaOptions) {
    this.url = `http://127.0.0.1:${options.port}`;
  }

  get name(): string {
    return this.options.name;
  }

  get pid(): number {
    return this.process!.pid;
  }

  get isRunning(): boolean {
    return this.process !== undefined && this.process.exit() === undefined;
  }

  async start(): Promise<void> {
    const { name, main, env, folder } = this.options;
    const args = ['--enable-source-maps', main];
    const logFile = folder.file('logs', `${name}.log`);
    this.ordered = false;
    this.process = await launch({ command: process.execPath, args, env, logFile });
    folder.recordProcess(this.process.pid);
    void this.process.exited.then((exit) => this.restart(exit));
  }

  /** `/health/ready` says so. */
  async whenReady(): Promise<void> {
    const isReady = async (): Promise<boolean> => {
      const response = await fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(PROBE_MS) });
      await response.arrayBuffer();
      return response.ok;
    };
    await waitFor(isReady, { timeoutMs: READY_MS, describe: `${this.name} is ready` });
  }

  /** The sum of all series of a gauge or counter, as Prometheus would read them now. */
  async metric(name: string): Promise<number> {
    const url = `http://127.0.0.1:${this.options.metricsPort}/metrics`;
    const text = await (await fetch(url, { signal: AbortSignal.timeout(PROBE_MS) })).text();
    const series = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
    if (series.length === 0) throw new Error(`${this.name} has no metric ${name}`);
    return series.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  /** Resolves when the process is gone; another one follows by itself. */
  async kill(): Promise<void> {
    this.ordered = true;
    await this.process!.stop('SIGKILL', 0);
  }

  /** Asks it to end, and answers how it did. Another one follows by itself. */
  async terminate(): Promise<Exit> {
    this.ordered = true;
    return this.process!.stop('SIGTERM', DRAIN_MS);
  }

  freeze(): void {
    process.kill(this.pid, 'SIGSTOP');
  }

  thaw(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  /** Ends it for good. */
  async close(): Promise<void> {
    this.closing = true;
    await this.process?.stop('SIGKILL', 0);
  }

  private async restart(exit: Exit): Promise<void> {
    if (!this.ordered && !this.closing) this.ownExits.push(exit);
    await sleep(RESTART_PAUSE_MS);
    if (!this.closing) await this.start();
  }
}
