import { describe, expect, it } from '@jest/globals';
import { faultOf } from './judge.ts';
import { documentedFor, ROUTES } from './routes.ts';

const answer = { status: 400, text: '{"code":"invalid_request"}', contentType: 'application/problem+json' };
const expected = { documented: new Set([200, 202, 400, 500, 503]), foreign: ['RIVAL', 'CLERK'] };

describe('the judge of answers', () => {
  it('lets documented answers pass', () => {
    expect(faultOf(answer, expected)).toBeUndefined();
    expect(faultOf({ ...answer, status: 202, text: '{}' }, expected)).toBeUndefined();
  });

  it.each([
    ['status 500', { status: 500 }],
    ['status 503', { status: 503 }],
    ['undocumented status 0', { status: 0 }],
    ['undocumented status 418', { status: 418 }],
    ['undocumented status 409', { status: 409 }],
    ['another tenant’s data', { status: 200, text: '{"data":"RIVAL-7"}' }],
    ['another tenant’s data', { status: 200, text: '{"data":"CLERK-7"}' }],
    ['a stack trace', { text: '{"detail":"x\\n"}\n    at f (/a/b.js:1:2)' }],
    ['an error that is no JSON', { text: '<html>' }],
  ])('finds %s', (fault, change) => {
    expect(faultOf({ ...answer, ...change }, expected)).toBe(fault);
  });
});

describe('the routes that are fuzzed', () => {
  it('are those of both documents, with what each may answer', () => {
    const names = ROUTES.map(({ method, pattern }) => `${method} ${pattern}`);
    expect(names).toEqual(
      expect.arrayContaining([
        'POST /v1/events',
        'POST /v1/erasures',
        'PUT /v1/runs/{run}/hold',
        'GET /docs',
        'POST /v1/keys',
      ]),
    );
    const erasures = ROUTES.find(({ pattern }) => pattern === '/v1/erasures')!;
    expect(documentedFor(erasures, 'POST').has(202)).toBe(true);
    expect(documentedFor(erasures, 'GET').has(200)).toBe(false);
    expect(documentedFor(erasures, 'GET').has(405)).toBe(true);
  });
});
