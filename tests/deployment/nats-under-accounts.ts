import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { NatsLogin } from '@runcast/event-log';
import { freePort, launch, obtainNatsServer, waitUntilReady } from '@runcast/local-backends';

export const ACCOUNTS = new URL('../../k8s/base/nats/accounts.conf', import.meta.url);

/** The passwords that the accounts file takes from the environment, each different. */
export function passwordsIn(accounts: string): Record<string, string> {
  const names = [...accounts.matchAll(/password: \$(\w+)/g)].map(([, name]) => name!);
  return Object.fromEntries(names.map((name, index) => [name, `secret-${index}-${name}`]));
}

/** A real nats-server with the accounts that compose and Kubernetes give it. */
export interface GuardedNats {
  readonly url: string;
  loginOf(user: string): NatsLogin;
  /** A bare connection as this user. */
  connectAs(user: string): Promise<NatsConnection>;
  stop(): Promise<void>;
}

export async function startGuardedNats(accounts = readFileSync(ACCOUNTS, 'utf8')): Promise<GuardedNats> {
  const folder = mkdtempSync(join(tmpdir(), 'runcast-nats-'));
  const report = (): void => undefined;
  const { path: command } = await obtainNatsServer({ home: folder, env: process.env, report });
  const port = await freePort();
  const passwords = passwordsIn(accounts);
  writeFileSync(join(folder, 'accounts.conf'), accounts);
  writeFileSync(
    join(folder, 'nats.conf'),
    `host: 127.0.0.1\nport: ${port}\njetstream { store_dir: ${JSON.stringify(folder)} }\ninclude accounts.conf\n`,
  );
  const logFile = join(folder, 'nats.log');
  const env = { ...process.env, ...passwords };
  const server = await launch({ command, args: ['-c', join(folder, 'nats.conf')], logFile, env });
  const url = `nats://127.0.0.1:${port}`;
  const loginOf = (user: string): NatsLogin => {
    const variable = `NATS_${user.toUpperCase().replaceAll('-', '_')}_PASSWORD`;
    return { user, password: passwords[variable]!, inboxPrefix: `_INBOX.${user}` };
  };
  const connectAs = (user: string): Promise<NatsConnection> => {
    const { password: pass, inboxPrefix } = loginOf(user);
    return connect({ servers: url, user, pass: pass!, inboxPrefix: inboxPrefix!, reconnect: false });
  };
  const answers = async (): Promise<boolean> => {
    await (await connectAs('admin')).close();
    return true;
  };
  await waitUntilReady({ backend: 'nats-server', process: server, logFile, withinMs: 20_000, answers });
  return {
    url,
    loginOf,
    connectAs,
    async stop() {
      await server.stop('SIGTERM', 15_000);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
