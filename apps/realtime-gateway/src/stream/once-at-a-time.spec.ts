import { describe, expect, it } from '@jest/globals';
import type { EndingInTables } from './serve-feed.ts';
import { onceAtATime } from './once-at-a-time.ts';

describe('asking once at a time', () => {
  it('is one question for everybody who asks the same meanwhile, and another for whoever asks later', async () => {
    const asked: string[] = [];
    const ask: EndingInTables = (tenant, run, upTo) => {
      asked.push(`${tenant}/${run}/${upTo}`);
      return Promise.resolve({ end: 'over', startSeen: asked.length > 1 });
    };
    const once = onceAtATime(ask);
    const together = await Promise.all([once('a', 'r', 1), once('a', 'r', 1), once('b', 'r', 1), once('a', 'r', 2)]);
    expect(asked).toEqual(['a/r/1', 'b/r/1', 'a/r/2']);
    expect(together.map((ending) => ending?.startSeen)).toEqual([false, false, true, true]);
    await once('a', 'r', 1);
    expect(asked).toHaveLength(4);
  });

  it('asks again after a question that failed', async () => {
    let asked = 0;
    const once = onceAtATime(() => {
      asked += 1;
      return asked === 1 ? Promise.reject(new Error('away')) : Promise.resolve(undefined);
    });
    await expect(once('a', 'r', 1)).rejects.toThrow('away');
    await expect(once('a', 'r', 1)).resolves.toBeUndefined();
  });
});
