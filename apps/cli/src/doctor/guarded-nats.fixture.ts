import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, launch, obtainNatsServer, waitUntilReady } from '@runcast/local-backends';

/** Who is known to it, each with the password `right`: `runcast` may do everything, `stranger` nothing of JetStream. */
export interface GuardedNats {
  readonly url: string;
  stop(): Promise<void>;
}

/** A real nats-server that asks for a login. */
export async function startGuardedNats(): Promise<GuardedNats> {
  const folder = mkdtempSync(join(tmpdir(), 'runcast-doctor-'));
  const { path: command } = await obtainNatsServer({ home: folder, env: process.env, report: () => undefined });
  const port = await freePort();
  const configFile = join(folder, 'nats.conf');
  writeFileSync(configFile, configuration(port, folder));
  const logFile = join(folder, 'nats.log');
  const server = await launch({ command, args: ['-c', configFile], logFile });
  const answers = (): Promise<boolean> => listens(port);
  await waitUntilReady({ backend: 'nats-server', process: server, logFile, withinMs: 20_000, answers });
  return {
    url: `nats://127.0.0.1:${port}`,
    async stop() {
      await server.stop('SIGTERM', 15_000);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configuration(port: number, folder: string): string {
  return `
host: 127.0.0.1
port: ${port}
jetstream { store_dir: ${JSON.stringify(folder)} }
authorization {
  users = [
    { user: runcast, password: right }
    { user: stranger, password: right, permissions: { publish: ["elsewhere.>"], subscribe: ["_INBOX.>"] } }
  ]
}
`;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
