import { describe, expect, it } from '@jest/globals';
import { LogIdentityError, LogOverloadedError, LogSetupError, LogUnavailableError } from '@runcast/event-log';
import { explainLogError, problemOf } from './problems.ts';

describe('explainLogError', () => {
  it.each([
    [new LogUnavailableError('full', 'x', 30), 'unavailable', 30],
    [new LogOverloadedError(9, 9, 'events'), 'overloaded', 1],
    [new LogIdentityError('s', 'a', 'b'), 'unavailable', 5],
  ])('says when to come again after %s', (error, code, retryAfterSeconds) => {
    const problem = explainLogError(error);
    expect([problem?.status, problem?.code, problem?.facts.retryAfterSeconds]).toEqual([503, code, retryAfterSeconds]);
  });

  it('leaves what is not passing to be a fault', () => {
    expect(explainLogError(new LogSetupError('s', 'x'))).toBeUndefined();
    expect(explainLogError(new Error('x'))).toBeUndefined();
  });
});

describe('problemOf', () => {
  it('names the first field in one sentence and all of them in errors', () => {
    const errors = [
      { field: 'payload.total_tokens', expected: 'a whole number of at least 0', found: 'a string of 1 characters' },
      { field: 'agent_name', expected: 'a string' },
    ];
    const { facts } = problemOf({ status: 'invalid', errors });
    expect(facts.errors).toEqual(errors);
    expect(facts.detail).toBe(
      'payload.total_tokens: expected a whole number of at least 0, found a string of 1 characters (1 more in errors).',
    );
  });

  it('says how large an event was and may be', () => {
    const problem = problemOf({ status: 'too_large', bytes: 11, limitBytes: 10 });
    expect([problem.status, problem.facts.detail]).toEqual([
      413,
      'The body: expected an event of at most 10 bytes, found 11 bytes.',
    ]);
  });
});
