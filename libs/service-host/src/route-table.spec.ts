import { describe, expect, it } from '@jest/globals';
import { allowedMethods } from './route-table.ts';

const routes = [
  { method: 'GET', pattern: '/v1/runs' },
  { method: 'HEAD', pattern: '/v1/runs' },
  { method: 'GET', pattern: '/v1/runs/:id' },
  { method: 'POST', pattern: '/v1/runs/latest' },
  { method: 'GET', pattern: '/v1/runs/:id/stream' },
];

describe('allowedMethods', () => {
  it.each([
    ['/v1/runs', ['GET', 'HEAD']],
    ['/v1/runs/x', ['GET']],
    ['/v1/runs/latest', ['GET', 'POST']],
    ['/v1/runs/a%2Fb/stream', ['GET']],
    ['/v1/runs/', []],
    ['/v1', []],
    ['', []],
    ['*', []],
  ])('of %j are %j', (path, methods) => {
    expect(allowedMethods(routes, path)).toEqual(methods);
  });
});
