import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { waitFor } from './wait-for.ts';

/** A server that says everything twice, so that a test sees where bytes got lost. */
async function startEcho(): Promise<{ port: number; heard(): string; close(): void }> {
  let heard = '';
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      heard += chunk.toString();
      socket.write(Buffer.concat([chunk, chunk]));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, heard: () => heard, close: () => server.close() };
}

function dial(port: number): { socket: Socket; received: () => string; closed: Promise<boolean> } {
  const socket = connect({ port, host: '127.0.0.1' });
  let received = '';
  socket.on('data', (chunk) => (received += chunk.toString()));
  socket.on('error', () => undefined);
  const closed = new Promise<boolean>((resolve) => socket.once('close', resolve));
  return { socket, received: () => received, closed };
}

describe('startTcpProxy', () => {
  let echo: Awaited<ReturnType<typeof startEcho>>;
  let proxy: TcpProxy;

  beforeEach(async () => {
    echo = await startEcho();
    proxy = await startTcpProxy(`127.0.0.1:${echo.port}`);
  });
  afterEach(async () => {
    await proxy.close();
    echo.close();
  });

  it('passes bytes both ways', async () => {
    const client = dial(proxy.port);
    client.socket.write('ab');
    await waitFor(() => client.received() === 'abab', { describe: 'the echo' });
  });

  it('breaks what is open with an error and takes new connections', async () => {
    const client = dial(proxy.port);
    client.socket.write('ab');
    await waitFor(() => client.received() === 'abab', { describe: 'the echo' });
    proxy.cut();
    await client.closed;
    const next = dial(proxy.port);
    next.socket.write('c');
    await waitFor(() => next.received() === 'cc', { describe: 'the echo of the next connection' });
  });

  it('lets exactly the allowed bytes through before it cuts', async () => {
    proxy.cutAfterBytes(5);
    expect(proxy.armed()).toBe(true);
    const client = dial(proxy.port);
    client.socket.write('abcd');
    await client.closed;
    expect(client.received()).toBe('abcda');
    expect(proxy.armed()).toBe(false);
  });

  it('lets the last words reach the server, and their answer nobody', async () => {
    const [one, other] = [dial(proxy.port), dial(proxy.port)];
    other.socket.write('a');
    await waitFor(() => other.received() === 'aa', { describe: 'the echo' });
    proxy.cutAfterSending('COMMIT');
    one.socket.write('BEGIN');
    await waitFor(() => one.received() === 'BEGINBEGIN', { describe: 'the echo' });
    expect(proxy.armed()).toBe(true);
    one.socket.write('COMMIT');
    await one.closed;
    expect(proxy.armed()).toBe(false);
    expect(one.received()).toBe('BEGINBEGIN');
    await waitFor(() => echo.heard().includes('COMMIT'), { describe: 'the last words at the server' });
    other.socket.write('COMMIT');
    await waitFor(() => other.received() === 'aaCOMMITCOMMIT', { describe: 'that it happens once' });
  });

  it('ends each connection after its own number of bytes, or its own time', async () => {
    const lives = [
      { bytes: 3, ms: 60_000 },
      { bytes: 1_000, ms: 1 },
    ];
    const flaky = await startTcpProxy(`127.0.0.1:${echo.port}`, () => lives.shift()!);
    const [short, brief] = [dial(flaky.port), dial(flaky.port)];
    short.socket.write('abcd');
    await Promise.all([short.closed, brief.closed]);
    expect(short.received()).toBe('abc');
    await flaky.close();
  });

  it('holds bytes back while paused and loses none of them', async () => {
    const client = dial(proxy.port);
    client.socket.write('a');
    await waitFor(() => client.received() === 'aa', { describe: 'the echo' });
    proxy.pause();
    client.socket.write('b');
    // A second connection proves that time has passed for the proxy without a clock: it hangs as well.
    const late = dial(proxy.port);
    await waitFor(() => proxy.connections() >= 2, { describe: 'the late connection' });
    expect(client.received()).toBe('aa');
    proxy.resume();
    late.socket.write('c');
    await waitFor(() => client.received() === 'aabb' && late.received() === 'cc', { describe: 'what was held back' });
  });

  it('passes a large stream whole although the reader is slow', async () => {
    const client = dial(proxy.port);
    client.socket.pause();
    const bytes = 8 * 1024 * 1024;
    client.socket.write('x'.repeat(bytes));
    client.socket.resume();
    await waitFor(() => client.received().length === 2 * bytes, {
      describe: () => `${client.received().length} bytes`,
    });
  });
});
