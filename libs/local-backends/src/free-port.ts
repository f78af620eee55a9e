import { createServer, type AddressInfo } from 'node:net';

/** A TCP port nobody listens on right now. Somebody else may take it before the caller does: be ready to ask again. */
export async function freePort(): Promise<number> {
  return (await listenOnce(0))!;
}

/** Whether `port` can be listened on by us, on this machine's loopback, right now. */
export async function canListen(port: number): Promise<boolean> {
  return (await listenOnce(port)) !== undefined;
}

function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const { port: taken } = server.address() as AddressInfo;
      server.close(() => resolve(taken));
    });
  });
}
