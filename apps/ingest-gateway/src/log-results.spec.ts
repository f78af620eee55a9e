import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from '@runcast/run-events';
import { createLogger } from '@runcast/service-host';
import { logResults } from './log-results.ts';

const SENDER = { tenant: 'acme', dialect: 'agent-os', intake: 'http' } as const;
const event = { id: 'e1', run: 'run-1', session: 'chat', raw: 'what was said' } as RunEvent;
const position = { shard: 0, epoch: '0123456789ab', sequence: 7 };

function linesOf(level: 'debug' | 'info', results: Parameters<ReturnType<typeof logResults>>[0][]): object[] {
  const lines: object[] = [];
  const destination = new Writable({
    write(line: Buffer, _encoding, done) {
      lines.push(JSON.parse(line.toString()) as object);
      done();
    },
  });
  const tell = logResults(createLogger({ service: 'ingest-gateway', level, destination }));
  for (const result of results) tell(result, SENDER);
  return lines;
}

describe('the log of what came in', () => {
  it('names run, session, dialect and position of each event, and nothing that it said', () => {
    const [line] = linesOf('debug', [{ status: 'stored', event, position }]);
    expect(line).toMatchObject({
      ...{ tenant: 'acme', dialect: 'agent-os', intake: 'http', event_id: 'e1', run: 'run-1', session: 'chat' },
      ...{ position: '0.0123456789ab.7', msg: 'event stored' },
    });
    expect(JSON.stringify(line)).not.toContain('what was said');
  });

  it('names the fields of what is refused', () => {
    const errors = [{ field: 'type', expected: 'a string' }];
    expect(linesOf('debug', [{ status: 'invalid', errors }])).toMatchObject([
      { fields: ['type'], msg: 'event invalid' },
    ]);
  });

  it('says nothing unless it is asked for', () => {
    expect(linesOf('info', [{ status: 'stored', event, position }])).toEqual([]);
  });
});
