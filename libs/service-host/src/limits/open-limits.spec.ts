import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { limitNewConnections, OpenLimits } from './open-limits.ts';

const caller = (tenant: string, keyId = 'k', address = 'a') => ({ tenant, keyId: `${tenant}-${keyId}`, address });
const unlimited = { total: 0, perTenant: 0, perKey: 0, perAddress: 0 };

function refusalOf(admit: () => unknown): string | undefined {
  try {
    admit();
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('what is open', () => {
  it('is limited for a key, a tenant, an address and the replica, each by itself', () => {
    const limits = new OpenLimits({ total: 5, perTenant: 3, perKey: 2, perAddress: 4 });
    const releases = [caller('a', '1'), caller('a', '1')].map((one) => limits.admit(one));
    expect(refusalOf(() => limits.admit(caller('a', '1')))).toBe('rate_limited');
    limits.admit(caller('a', '2'));
    expect(refusalOf(() => limits.admit(caller('a', '3')))).toBe('rate_limited');
    limits.admit(caller('b'));
    expect(refusalOf(() => limits.admit(caller('c')))).toBe('rate_limited');
    limits.admit(caller('c', 'k', 'elsewhere'));
    expect(refusalOf(() => limits.admit(caller('d', 'k', 'there')))).toBe('overloaded');
    for (const release of releases) release();
    expect(refusalOf(() => limits.admit(caller('a', '1')))).toBeUndefined();
  });

  it('never passes its maximum and is all gone at the end, in whatever order things open and close', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.boolean(), fc.nat(20))), (steps) => {
        const limits = new OpenLimits({ ...unlimited, perTenant: 4 });
        const open: { tenant: string; release: () => void }[] = [];
        for (const [tenant, opens, index] of steps) {
          const before = open.filter((one) => one.tenant === tenant).length;
          if (!opens) open.splice(index, 1)[0]?.release();
          else if (refusalOf(() => open.push({ tenant, release: limits.admit(caller(tenant)) })) !== undefined) {
            expect(before).toBe(4);
          } else expect(before).toBeLessThan(4);
        }
        for (const { release } of open) {
          release();
          release();
        }
        for (let again = 0; again < 4; again += 1) limits.admit(caller('a'));
      }),
    );
  });
});

describe('new connections of an address', () => {
  async function closedAtOnce(server: Server): Promise<boolean> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const closed = new Promise<boolean>((resolve) =>
      socket.on('close', () => resolve(true)).on('error', () => undefined),
    );
    const answered = new Promise<boolean>((resolve) => socket.once('data', () => resolve(false)));
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    const outcome = await Promise.race([closed, answered]);
    socket.destroy();
    return outcome;
  }

  it('beyond so many a second are closed unread, and taken again a second later', async () => {
    const server = createServer((_request, response) => response.end('hello'));
    let now = 0;
    limitNewConnections(server, 3, () => now);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const outcomes: boolean[] = [];
    for (let opened = 0; opened < 5; opened += 1) outcomes.push(await closedAtOnce(server));
    expect(outcomes).toEqual([false, false, false, true, true]);
    now = 1_000;
    expect(await closedAtOnce(server)).toBe(false);
    server.close();
    server.closeAllConnections();
  });
});
