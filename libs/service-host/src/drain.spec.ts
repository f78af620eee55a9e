import { describe, expect, it } from '@jest/globals';
import { drain, type DrainStep } from './drain.ts';

const never = new Promise<never>(() => {});

describe('drain', () => {
  it('runs one step after the other', async () => {
    const trace: string[] = [];
    const step = (name: string): DrainStep => ({
      name,
      run: async () => {
        trace.push(`${name} begins`);
        await Promise.resolve();
        trace.push(`${name} ends`);
      },
    });
    const report = await drain([step('http'), step('log')], never);
    expect(trace).toEqual(['http begins', 'http ends', 'log begins', 'log ends']);
    expect(report).toEqual({ completed: ['http', 'log'], failed: [], unfinished: [] });
  });

  it('goes on after a step that fails, and reports it', async () => {
    const error = new Error('broken');
    const fail = () => {
      throw error;
    };
    const report = await drain(
      [
        { name: 'http', run: fail },
        { name: 'log', run: () => {} },
      ],
      never,
    );
    expect(report).toEqual({ completed: ['log'], failed: [{ name: 'http', error }], unfinished: [] });
  });

  it('stops at the deadline and names what was left', async () => {
    let expire = () => {};
    const deadline = new Promise<void>((resolve) => (expire = resolve));
    const hang = () => {
      expire();
      return never;
    };
    const steps = [
      { name: 'http', run: () => {} },
      { name: 'log', run: hang },
      { name: 'keys', run: () => {} },
    ];
    expect(await drain(steps, deadline)).toEqual({ completed: ['http'], failed: [], unfinished: ['log', 'keys'] });
  });
});
