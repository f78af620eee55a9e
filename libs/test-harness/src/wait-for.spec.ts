import { describe, expect, it } from '@jest/globals';
import { waitFor } from './wait-for.ts';

describe('waitFor', () => {
  it('gives what the condition gave, once it gives something', async () => {
    let asked = 0;
    await expect(waitFor(() => (++asked < 3 ? undefined : 'there'), { describe: 'it' })).resolves.toBe('there');
  });

  it('takes a throw for "not yet"', async () => {
    let asked = 0;
    const condition = (): boolean => {
      if (++asked < 3) throw new Error('too early');
      return true;
    };
    await expect(waitFor(condition, { describe: 'it' })).resolves.toBe(true);
  });

  it('says what it waited for and why the last try failed', async () => {
    const failing = waitFor(() => Promise.reject(new Error('refused')), { timeoutMs: 30, describe: 'an answer' });
    await expect(failing).rejects.toMatchObject({
      message: 'Not within 30 ms: an answer',
      cause: { message: 'refused' },
    });
  });
});
