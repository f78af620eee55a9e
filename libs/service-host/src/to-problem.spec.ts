import { BadRequestException, HttpException, ServiceUnavailableException } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { PROBLEM_CODES, PROBLEMS, codeForStatus } from './problem-codes.ts';
import { Problem, problemBody, problemHeaders } from './problem.ts';
import { toProblem } from './to-problem.ts';

const fastifyError = (code: string, statusCode: number) => Object.assign(new Error(code), { code, statusCode });

describe('toProblem', () => {
  it.each([
    ['a Nest exception', new BadRequestException('no'), 'invalid_request'],
    ['a body over the limit', fastifyError('FST_ERR_CTP_BODY_TOO_LARGE', 413), 'payload_too_large'],
    [
      'a Fastify error inside a Nest exception',
      new HttpException('x', 415, { cause: fastifyError('FST_ERR_CTP_INVALID_MEDIA_TYPE', 415) }),
      'unsupported_media_type',
    ],
    ['an unknown client error', fastifyError('FST_ERR_SOMETHING_NEW', 422), 'invalid_request'],
    ['a malformed address', new URIError('URI malformed'), 'invalid_request'],
    ['a server fault of Fastify', fastifyError('FST_ERR_REP_INVALID_PAYLOAD_TYPE', 500), 'internal'],
    ['a server fault of Nest', new ServiceUnavailableException('queue'), 'unavailable'],
    ['an unknown error', new Error('secret'), 'internal'],
    ['something that is no error', 'secret', 'internal'],
    ['nothing', undefined, 'internal'],
    ['an error that is named like a prototype key', fastifyError('constructor', 500), 'internal'],
  ])('answers %s', (_name, error, code) => {
    const problem = toProblem(error);
    expect(problem.code).toBe(code);
    expect(problem.facts.detail).not.toContain('secret');
  });

  it("asks the app's own table first, and leaves problems alone", () => {
    const own = new Problem('unavailable', { detail: 'log' });
    expect(toProblem(new Error('x'), () => own)).toBe(own);
    expect(toProblem(own, () => new Problem('gone', { detail: '' }))).toBe(own);
  });
});

describe('problem details', () => {
  it('have the shape of RFC 9457 with our extensions', () => {
    const errors = [{ field: 'payload.total_tokens', expected: 'a whole number', found: 'the string "x"' }];
    const problem = new Problem('invalid_event', { detail: 'One field is wrong.', errors, retryAfterSeconds: 0.2 });
    expect(problemBody(problem, 'r1')).toEqual({
      type: '/docs/errors#invalid_event',
      title: 'The event is not valid',
      status: 400,
      detail: 'One field is wrong.',
      code: 'invalid_event',
      errors,
      request_id: 'r1',
    });
    expect(problemHeaders(problem)).toEqual({ 'retry-after': '1' });
  });

  it('have a code for every status', () => {
    expect(
      PROBLEM_CODES.every((code) => PROBLEMS[codeForStatus(PROBLEMS[code].status)].status === PROBLEMS[code].status),
    ).toBe(true);
    expect([codeForStatus(422), codeForStatus(502)]).toEqual(['invalid_request', 'internal']);
  });
});
