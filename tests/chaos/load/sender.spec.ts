import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { seeded } from '../seeded.ts';
import { plannedEvent } from './event-text.ts';
import { BrokenAnswerError, sendUntilTaken } from './sender.ts';

const PLAN = { run: 'r', session: 's', length: 3, padding: 0 };
const EVENTS = [0, 1].map((index) => plannedEvent(PLAN, index, 0.5, '2026-01-01T00:00:00.000000Z'));
const result = (id: string, status = 'stored') => ({ status, event_id: id, run_id: 'r', position: `0.a.${id}` });
const taken = (...results: object[]) => JSON.stringify({ results });

describe('sendUntilTaken', () => {
  let server: Server;
  let bodies: string[];
  let answers: ((response: ServerResponse) => void)[];
  beforeEach(async () => {
    bodies = [];
    server = createServer((request, response) => {
      void text(request).then((body) => {
        bodies.push(body);
        answers.shift()!(response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    server.close();
  });

  const send = () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return sendUntilTaken(EVENTS, { urls: [url], apiKey: 'key', random: seeded(1) });
  };
  const answer =
    (status: number, body = '') =>
    (response: ServerResponse) =>
      void response.writeHead(status).end(body);

  it('sends the same text again until it is taken, over refusals and cut connections', async () => {
    answers = [
      answer(503),
      (response) => void response.destroy(),
      (response) => void response.writeHead(202, { 'content-length': 99 }).write('{"res', () => response.destroy()),
      answer(202, taken(result('e0', 'duplicate'), result('e1'))),
    ];
    const { receipts, attempts } = await send();
    expect(attempts).toBe(4);
    expect(receipts).toEqual([{ position: '0.a.e0' }, { position: '0.a.e1' }]);
    expect(new Set(bodies).size).toBe(1);
  });

  it.each([
    ['a refusal of what is fine', answer(400, 'no')],
    ['a part of the events that was not taken', answer(207, taken(result('e0'), result('e1', 'conflict')))],
    ['a receipt for another event', answer(202, taken(result('e0'), result('e7')))],
    ['a receipt that is missing', answer(202, taken(result('e0')))],
  ])('ends the run of the suite over %s', async (_name, reply) => {
    answers = [reply];
    await expect(send()).rejects.toThrow(BrokenAnswerError);
  });
});
