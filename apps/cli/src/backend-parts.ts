import { obtainNatsServer, startNats, startPostgres, type RunningBackend } from '@runcast/local-backends';
import type { Home } from './home.ts';
import type { Part } from './supervise.ts';

/** A server of ours that gets an address at its first start and keeps it over every later one. */
export interface BackendPart extends Part {
  url(): string;
}

export async function natsPart(
  home: Home,
  port: number,
  env: NodeJS.ProcessEnv,
  report: (line: string) => void,
): Promise<BackendPart> {
  const { path: binary } = await obtainNatsServer({ home: home.folder, env, report });
  const logFile = home.logFile('nats');
  return backendPart('nats', logFile, (onSpawn) =>
    startNats({ binary, port, storeDir: home.path('nats'), logFile, onSpawn }),
  );
}

export function postgresPart(home: Home, port: number): BackendPart {
  const logFile = home.logFile('postgres');
  const dataDir = home.path('postgres');
  const passwordFile = home.path('postgresPassword');
  return backendPart('postgres', logFile, (onSpawn) =>
    startPostgres({ dataDir, port, passwordFile, logFile, onSpawn }),
  );
}

function backendPart(
  name: string,
  logFile: string,
  startBackend: (onSpawn: (pid: number) => void) => Promise<RunningBackend>,
): BackendPart {
  let url: string | undefined;
  return {
    name,
    logFile,
    async start(onSpawn) {
      const backend = await startBackend(onSpawn);
      url = backend.url;
      return backend;
    },
    url() {
      if (url === undefined) throw new Error(`${name} has not been started yet`);
      return url;
    },
  };
}
