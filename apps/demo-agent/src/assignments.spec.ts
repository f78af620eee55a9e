import { describe, expect, it } from '@jest/globals';
import { assignments, oneOfEach } from './assignments.ts';

const counter = () => {
  let count = 0;
  return () => String((count += 1));
};

describe('assignments', () => {
  const all = assignments(counter());
  const first = Array.from({ length: 24 }, () => all.next().value);

  it('each have a run of their own, and three in a row share a session', () => {
    expect(new Set(first.map(({ run }) => run)).size).toBe(24);
    expect([...new Set(first.map(({ session }) => session))]).toHaveLength(8);
    expect(new Set(first.slice(0, 3).map(({ session }) => session)).size).toBe(1);
  });

  it('are doomed every fourth time, in different ways', () => {
    const doomed = first.filter((_, index) => index % 4 === 3).map(({ question }) => question);
    expect(new Set(doomed).size).toBe(3);
    expect(doomed[0]).toContain('/ (7 - 7)');
  });

  it('come as one of each kind for a single show', () => {
    expect(oneOfEach(counter())).toMatchObject([
      { agent: 'research-agent', run: 'demo-run-2', session: 'demo-session-1' },
      { agent: 'finance-agent', run: 'demo-run-3', session: 'demo-session-1' },
    ]);
  });
});
