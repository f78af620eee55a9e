import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BackendDidNotStartError } from './errors.ts';
import { obtainNatsServer } from './obtain-nats-server.ts';
import type { RunningBackend } from './running-backend.ts';
import { startNats } from './start-nats.ts';

/** Says one line of the NATS protocol after CONNECT and gives everything up to the first match. */
function exchange(port: number, line: string, until: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let text = '';
    socket.once('error', reject);
    socket.once('connect', () =>
      socket.write(`CONNECT {"verbose":false,"headers":true}\r\nSUB reply 1\r\n${line}\r\nPING\r\n`),
    );
    socket.on('data', (chunk) => {
      text += chunk.toString();
      if (!until.test(text)) return;
      socket.destroy();
      resolve(text);
    });
  });
}
const request = (port: number, subject: string, body: string): Promise<string> =>
  exchange(port, `PUB ${subject} reply ${Buffer.byteLength(body)}\r\n${body}`, /MSG reply 1 \d+\r\n.*\r\n/);

describe('startNats', () => {
  let binary: string;
  let storeDir: string;
  let running: RunningBackend | undefined;

  beforeAll(async () => {
    const home = tmpdir();
    binary = (await obtainNatsServer({ home, env: process.env, report: () => undefined })).path;
  });
  beforeEach(async () => {
    storeDir = await mkdtemp(join(tmpdir(), 'runcast-nats-'));
  });
  afterEach(async () => {
    await running?.stop();
    await rm(storeDir, { recursive: true });
  });

  it('answers on a free port with JetStream and a payload limit of 4 MB', async () => {
    running = await startNats({ binary, port: 0, storeDir });
    const hello = await exchange(running.port, 'PING', /PONG/);
    expect(hello).toContain('"jetstream":true');
    expect(hello).toContain(`"max_payload":${4 * 1024 * 1024}`);
    expect(running.url).toBe(`nats://127.0.0.1:${running.port}`);
  });

  it('writes to the disk before it acknowledges', async () => {
    running = await startNats({ binary, port: 0, storeDir });
    await expect(readFile(join(storeDir, 'nats-server.conf'), 'utf8')).resolves.toContain('sync_interval: always');
  });

  it('holds what it acknowledged after kill -9, on the same port', async () => {
    running = await startNats({ binary, port: 0, storeDir });
    const { port } = running;
    await request(port, '$JS.API.STREAM.CREATE.kept', JSON.stringify({ name: 'kept', subjects: ['kept'] }));
    await expect(request(port, 'kept', 'one')).resolves.toContain('"seq":1');
    process.kill(running.pid, 'SIGKILL');
    await running.exited;
    running = await startNats({ binary, port, storeDir });
    expect(running.port).toBe(port);
    await expect(request(port, '$JS.API.STREAM.INFO.kept', '')).resolves.toContain('"messages":1');
  });

  it('says what the server said when the port is taken, and does not take the stranger for its own', async () => {
    running = await startNats({ binary, port: 0, storeDir });
    const second = await mkdtemp(join(tmpdir(), 'runcast-nats-'));
    const failure = await startNats({ binary, port: running.port, storeDir: second }).catch((error: unknown) => error);
    await rm(second, { recursive: true });
    expect(failure).toBeInstanceOf(BackendDidNotStartError);
    expect((failure as Error).message).toContain('address already in use');
  });
});
