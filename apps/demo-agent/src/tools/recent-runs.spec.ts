import { expect, it } from '@jest/globals';
import { describeRecentRuns } from './recent-runs.ts';

const answering = (answer: () => Response) => {
  const asked: [string, RequestInit | undefined][] = [];
  const fetch = (url: string, init?: RequestInit) => {
    asked.push([url, init]);
    return Promise.resolve().then(answer);
  };
  return { asked, source: { realtimeUrl: 'http://live', apiKey: 'k', fetch: fetch as typeof globalThis.fetch } };
};

it('counts the newest runs by status', async () => {
  const runs = ['success', 'error', 'success'].map((status) => ({ status }));
  const { asked, source } = answering(() => Response.json({ runs }));
  expect(await describeRecentRuns(source, 20)).toBe('Of the newest 3 runs: 2 success, 1 error.');
  expect(asked[0]).toMatchObject(['http://live/v1/runs?limit=20', { headers: { authorization: 'Bearer k' } }]);
});

it('says that there are none', async () => {
  expect(await describeRecentRuns(answering(() => Response.json({ runs: [] })).source, 20)).toBe(
    'There are no runs yet.',
  );
});

it('says so when the gateway refuses or is away', async () => {
  expect(await describeRecentRuns(answering(() => new Response('', { status: 503 })).source, 20)).toContain('(503)');
  const away = answering(() => {
    throw new TypeError('fetch failed');
  });
  expect(await describeRecentRuns(away.source, 20)).toContain('fetch failed');
});
