import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, launch, lastLines, type LaunchedProcess } from '@runcast/local-backends';
import { waitFor } from '@runcast/test-harness';
import { cpuMsOf, residentBytesOf } from '../measure/process-cost.ts';

export type ServiceName = 'ingest-gateway' | 'projector' | 'realtime-gateway';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
/** What the images give to Node. */
export const SERVICE_OPTIONS = ['--max-semi-space-size=4', '--expose-gc'];
const READY_MS = 30_000;
const PROBE_MS = 2_000;
const STOP_MS = 30_000;

/** One of our services as it is deployed: its own process, started as its image starts it. */
export class Service {
  private constructor(
    readonly name: ServiceName,
    readonly port: number,
    /** From exec to the first time that it said it was ready. */
    readonly readyAfterMs: number,
    private readonly process: LaunchedProcess,
  ) {}

  static async start(options: {
    name: ServiceName;
    env: NodeJS.ProcessEnv;
    folder: string;
    onSpawn: (pid: number) => void;
    nodeOptions?: readonly string[];
  }): Promise<Service> {
    const { name, env, folder, nodeOptions = [] } = options;
    const port = await freePort();
    const logFile = join(folder, `${name}-${port}.log`);
    const main = join(ROOT, 'apps', name, 'dist', 'main.js');
    const begun = performance.now();
    const args = [...SERVICE_OPTIONS, ...nodeOptions, main];
    const child = await launch({ command: process.execPath, args, logFile, env: { ...env, PORT: String(port) } });
    options.onSpawn(child.pid);
    const describe = (): string => `${name} is ready. It said:\n${lastLines(logFile, 20).join('\n')}`;
    await waitFor(() => child.exit() !== undefined || isReady(port), { timeoutMs: READY_MS, describe });
    if (child.exit()) throw new Error(`${name} ended: ${readFileSync(logFile, 'utf8')}`);
    return new Service(name, port, performance.now() - begun, child);
  }

  get pid(): number {
    return this.process.pid;
  }

  cpuMs(): number {
    return cpuMsOf(this.pid);
  }

  residentBytes(): number {
    return residentBytesOf(this.pid);
  }

  async stop(): Promise<void> {
    await this.process.stop('SIGTERM', STOP_MS);
  }

  /** Without saying goodbye: where nothing depends on it, that is quicker. */
  async kill(): Promise<void> {
    await this.process.stop('SIGKILL', 0);
  }
}

async function isReady(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(PROBE_MS) });
  await response.arrayBuffer();
  return response.ok;
}
