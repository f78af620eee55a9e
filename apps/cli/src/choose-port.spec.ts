import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { choosePort } from './choose-port.ts';
import { UserError } from './errors.ts';

describe('choosePort', () => {
  let server: Server;
  let taken: number;
  let lines: string[];

  beforeEach(async () => {
    lines = [];
    server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    taken = (server.address() as AddressInfo).port;
  });
  afterEach(() => {
    server.close();
  });
  const choose = (port: number, chosen: boolean): Promise<number> =>
    choosePort({ variable: 'RUNCAST_INGEST_PORT', port, chosen }, 'ingest', (line) => lines.push(line));

  it('keeps a port that is free and says nothing', async () => {
    server.close();
    await expect(choose(taken, true)).resolves.toBe(taken);
    expect(lines).toEqual([]);
  });

  it('moves a default that is taken, and says so', async () => {
    const port = await choose(taken, false);
    expect(port).not.toBe(taken);
    expect(lines).toEqual([`ingest: port ${taken} is taken, using ${port} (set RUNCAST_INGEST_PORT to choose)`]);
  });

  it('refuses a choice that is taken, by the name of its variable', async () => {
    await expect(choose(taken, true)).rejects.toThrow(UserError);
    await expect(choose(taken, true)).rejects.toThrow(`RUNCAST_INGEST_PORT: port ${taken} is taken`);
  });

  it('takes any free one for 0', async () => {
    await expect(choose(0, false)).resolves.toBeGreaterThan(0);
  });
});
