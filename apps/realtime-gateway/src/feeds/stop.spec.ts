import { describe, expect, it } from '@jest/globals';
import { Stop, type StopSignal } from './stop.ts';

/** The model: what a reader is told by either must be the same. */
function bothWays(check: (signal: StopSignal, abort: () => void) => unknown): unknown[] {
  const abort = new AbortController();
  const stop = new Stop();
  return [check(stop, () => stop.abort()), check(abort.signal, () => abort.abort())];
}

describe('a stop', () => {
  it('tells everybody who listens, once, as an AbortSignal does', () => {
    const [own, builtIn] = bothWays((signal, abort) => {
      const told: string[] = [];
      signal.addEventListener('abort', () => told.push(`first ${signal.aborted}`));
      signal.addEventListener('abort', () => told.push('second'));
      abort();
      abort();
      return told;
    });
    expect(own).toEqual(['first true', 'second']);
    expect(own).toEqual(builtIn);
  });

  it('tells nobody who has stopped to listen, or comes when it is over', () => {
    const [own, builtIn] = bothWays((signal, abort) => {
      const told: string[] = [];
      const listener = (): unknown => told.push('left');
      signal.addEventListener('abort', listener);
      signal.removeEventListener('abort', listener);
      signal.removeEventListener('abort', listener);
      abort();
      signal.addEventListener('abort', () => told.push('late'));
      return told;
    });
    expect(own).toEqual([]);
    expect(own).toEqual(builtIn);
  });
});
