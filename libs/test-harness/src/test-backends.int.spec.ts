import { connect } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { freshDatabase, freshNamespace, startTcpProxy, testBackends, waitFor } from './index.ts';

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows as unknown[];
  } finally {
    await client.end();
  }
}

describe('the shared backends', () => {
  it('are a Postgres 18 and a nats-server with JetStream', async () => {
    const { databaseUrl, natsUrl } = testBackends();
    await expect(query(databaseUrl, 'SHOW server_version')).resolves.toEqual([
      { server_version: expect.stringMatching(/^18\./) },
    ]);
    const { hostname, port } = new URL(natsUrl);
    const socket = connect({ host: hostname, port: Number(port) });
    const hello = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
    socket.destroy();
    expect(hello.toString()).toMatch(/^INFO \{.*"jetstream":true/);
  });

  it('give every caller a database of its own', async () => {
    const [one, other] = await Promise.all([freshDatabase(), freshDatabase()]);
    await query(one.url, 'CREATE TABLE only_here (id int)');
    await expect(query(other.url, 'SELECT * FROM only_here')).rejects.toThrow('does not exist');
    await one.drop();
    await expect(query(one.url, 'SELECT 1')).rejects.toThrow('does not exist');
    await other.drop();
  });

  it('give names that fit a subject, a stream and a table', () => {
    const names = Array.from({ length: 1_000 }, freshNamespace);
    expect(new Set(names).size).toBe(1_000);
    for (const name of names) expect(name).toMatch(/^t[a-z0-9]{9}$/);
  });

  it('are cut off and come back through a proxy', async () => {
    const proxy = await startTcpProxy(testBackends().databaseUrl);
    const url = new URL(testBackends().databaseUrl);
    url.host = `127.0.0.1:${proxy.port}`;
    const client = new pg.Client({ connectionString: url.href });
    const lost = new Promise<Error>((resolve) => client.on('error', resolve));
    await client.connect();
    proxy.cut();
    await lost;
    await waitFor(() => proxy.connections() === 0, { describe: 'the proxy holds no connection' });
    await expect(query(url.href, 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
    await proxy.close();
    await expect(query(url.href, 'SELECT 1')).rejects.toThrow();
  });
});
