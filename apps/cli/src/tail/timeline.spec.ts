import { describe, expect, it } from '@jest/globals';
import type { WatchedEvent } from '@runcast/client';
import type { JsonObject } from '@runcast/run-events';
import picocolors from 'picocolors';
import { plainLine, saidBy, timelineLine } from './timeline.ts';

const event = (type: string, data: JsonObject, at = '2026-11-21T10:00:00.250000Z'): WatchedEvent => ({
  position: '0.e.7',
  type,
  run: 'r1',
  id: 'i',
  occurred_at: at,
  data,
});
const plain = { columns: 60, colors: picocolors.createColors(false) };

describe('a line of the timeline', () => {
  it('says when, how long after the one before, what, and what it says, within the width', () => {
    const first = event('run.started', {});
    const second = event(
      'tool-call.completed',
      { tool: 'search', output: 'x'.repeat(99) },
      '2026-11-21T10:00:02.250000Z',
    );
    expect(timelineLine(first, undefined, plain)).toBe('10:00:00.250             run.started');
    expect(timelineLine(second, first, plain)).toBe('10:00:02.250     +2.0 s  tool-call.completed    search  xxx…');
    expect(timelineLine(second, first, { ...plain, columns: 70 })).toHaveLength(70);
  });

  it.each([
    ['run.failed', {}, 'red'],
    ['human-input.requested', {}, 'yellow'],
    ['tool-call.started', {}, 'cyan'],
    ['llm-call.started', {}, 'magenta'],
  ] as const)('shows %s in a colour of its own', (type, data, colour) => {
    const colors = picocolors.createColors(true);
    const line = timelineLine(event(type, data), undefined, { columns: 80, colors });
    expect(line).toContain(colors[colour](type.padEnd(22)));
  });

  it('cannot steer the terminal', () => {
    const nasty = event('x\u001b[2J', { message: 'a\u001b[1A\r\nb\u009b31m\u202ec' });
    for (const line of [timelineLine(nasty, undefined, plain), plainLine(nasty)]) {
      // eslint-disable-next-line no-control-regex -- they are what must not be there
      expect(line).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u202e]/);
    }
  });
});

describe('what an event says', () => {
  it.each<[JsonObject, string]>([
    [{}, ''],
    [{ tool: 'search', input: { q: 1 } }, 'search  {"q":1}'],
    [{ error: { type: 'E', message: 'It broke' } }, 'It broke'],
    [{ question: 'Go on?' }, 'Go on?'],
    [{ output: null, text: 'said' }, 'said'],
    [{ anything: [1, 2] }, '{"anything":[1,2]}'],
  ])('%j: %s', (data, said) => {
    expect(saidBy({ data })).toBe(said);
  });
});

it('a line of a pipe has five fields, whatever the event says', () => {
  const line = plainLine(event('message.sent', { content: 'tab\there\nand there' }));
  expect(line.split('\t')).toEqual([
    '0.e.7',
    '2026-11-21T10:00:00.250000Z',
    'r1',
    'message.sent',
    'tab here and there',
  ]);
});
