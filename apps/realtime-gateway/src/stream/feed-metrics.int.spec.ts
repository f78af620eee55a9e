import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@runcast/test-harness';
import { WebSocket } from 'ws';
import { openSse } from '../sse-reader.fixture.ts';
import { GatewayUnderTest } from '../vendors/gateway-under-test.fixture.ts';

let under: GatewayUnderTest;
const auth = { 'x-api-key': 'acme-key' };

beforeAll(async () => {
  under = await GatewayUnderTest.start();
});

afterAll(() => under.close());

async function lines(): Promise<string[]> {
  const text = await under.metrics[0]!.registry.metrics();
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

async function valueOf(series: string): Promise<number> {
  const line = (await lines()).find((text) => text.startsWith(`${series} `));
  return Number(line?.split(' ').at(-1));
}

const whenIs = (series: string, value: number): Promise<boolean> =>
  waitFor(async () => (await valueOf(series)) === value, { describe: `${series} ${value}` });

function dial(path: string): WebSocket {
  const socket = new WebSocket(under.url.replace('http', 'ws') + path, { headers: auth });
  socket.on('error', () => undefined);
  return socket;
}

describe('The metrics of the realtime gateway', () => {
  it('follow an SSE client from its opening to the end of its run', async () => {
    await under.tell('sse-run', 'run.started');
    const reader = await openSse(`${under.url}/v1/runs/sse-run/stream`, auth);
    await whenIs('runcast_open_streams{transport="sse"}', 1);
    await whenIs('runcast_served_feeds{transport="sse",state="live"}', 1);
    await under.tell('sse-run', 'step.started', { step: 'a' });
    await whenIs('runcast_delivery_delay_seconds_count{transport="sse"}', 1);
    await under.tell('sse-run', 'run.completed');
    await whenIs('runcast_stream_closes_total{transport="sse",reason="ended"}', 1);
    await whenIs('runcast_open_streams{transport="sse"}', 0);
    await whenIs('runcast_served_feeds{transport="sse",state="live"}', 0);
    expect(await valueOf('runcast_delivered_events_total{transport="sse",dialect="runcast"}')).toBe(3);
    expect(await valueOf('runcast_feeds_opened_total{transport="sse",dialect="runcast",start="beginning"}')).toBe(1);
    expect(await valueOf('runcast_replays_total{why="opened"}')).toBe(1);
    reader.close();
  });

  it('tell a WebSocket that we ended from one whose client left', async () => {
    await under.tell('ws-run', 'run.started');
    const leaves = dial('/v1/runs/ws-run/stream');
    await once(leaves, 'open');
    await whenIs('runcast_open_streams{transport="websocket"}', 1);
    leaves.close();
    await whenIs('runcast_stream_closes_total{transport="websocket",reason="client"}', 1);
    const stays = dial('/v1/runs/ws-run/stream');
    const ended = once(stays, 'close');
    await under.tell('ws-run', 'run.completed');
    await ended;
    await whenIs('runcast_stream_closes_total{transport="websocket",reason="ended"}', 1);
  });

  it('make no new series for hundreds of runs, dialects, positions and paths', async () => {
    const watch = async (index: number): Promise<void> => {
      const name = `name-${index}`;
      const paths = [`/v1/runs/x/stream?dialect=${name}`, `/${name}`, `/v1/runs/${name}`, `/v1/runs?page_key=${name}`];
      if (index % 10 > 0) await under.send('GET', paths[index % 4]!);
      else (await openSse(`${under.url}/v1/runs/${name}/stream?after=${name}`, auth)).close();
    };
    for (let index = 0; index < 10; index += 1) await watch(index);
    dial('/v1/nowhere');
    await whenIs('runcast_refusals_total{transport="websocket",code="not_found"}', 1);
    await whenIs('runcast_open_streams{transport="sse"}', 0);
    const before = await lines();
    for (let index = 10; index <= 300; index += 20) {
      await Promise.all(Array.from({ length: 20 }, (_, offset) => watch(index + offset)));
    }
    await whenIs('runcast_open_streams{transport="sse"}', 0);
    const after = await lines();
    expect(after).toHaveLength(before.length);
    expect(after.join('\n')).not.toContain('name-');
  });
});
