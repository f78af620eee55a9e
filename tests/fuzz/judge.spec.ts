import { describe, expect, it } from '@jest/globals';
import { faultOf } from './judge.ts';

const answer = { status: 400, text: '{"code":"invalid_request"}', contentType: 'application/problem+json' };

describe('the judge of answers', () => {
  it('lets documented answers pass', () => {
    expect(faultOf(answer, 'RIVAL')).toBeUndefined();
    expect(faultOf({ ...answer, status: 202, text: '{}' }, 'RIVAL')).toBeUndefined();
  });

  it.each([
    ['status 500', { status: 500 }],
    ['status 503', { status: 503 }],
    ['undocumented status 0', { status: 0 }],
    ['undocumented status 418', { status: 418 }],
    ['another tenant’s data', { status: 200, text: '{"data":"RIVAL-7"}' }],
    ['a stack trace', { text: '{"detail":"x\\n"}\n    at f (/a/b.js:1:2)' }],
    ['an error that is no JSON', { text: '<html>' }],
  ])('finds %s', (fault, change) => {
    expect(faultOf({ ...answer, ...change }, 'RIVAL')).toBe(fault);
  });
});
