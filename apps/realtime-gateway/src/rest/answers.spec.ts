import { describe, expect, it } from '@jest/globals';
import { Answers } from './answers.ts';

describe('Answers', () => {
  const asking = () => {
    let now = 0;
    let asked = 0;
    const answers = new Answers<number>(100, () => now);
    const ask = () => answers.get('q', () => Promise.resolve((asked += 1)));
    return { answers, ask, pass: (ms: number) => (now += ms), asked: () => asked };
  };

  it('asks once for all who ask at the same time, and again when the answer is old', async () => {
    const { ask, pass } = asking();
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
    pass(99);
    expect(await ask()).toBe(1);
    pass(1);
    expect(await ask()).toBe(2);
  });

  it('keeps no failure', async () => {
    const { answers, ask } = asking();
    await expect(answers.get('q', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await ask()).toBe(1);
  });

  it('keeps a bounded number of answers', async () => {
    const { answers, ask, asked } = asking();
    await ask();
    for (let other = 0; other < 1_000; other += 1) await answers.get(`other ${other}`, () => Promise.resolve(0));
    await ask();
    expect(asked()).toBe(2);
  });
});
