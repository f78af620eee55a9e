import type { EndingInTables } from './serve-feed.ts';

/**
 * Asks the same once at a time, and gives everybody who asks meanwhile the same answer: a thousand clients of one run
 * that come back together are one question to Postgres, not a thousand.
 */
export function onceAtATime(ask: EndingInTables): EndingInTables {
  const asking = new Map<string, ReturnType<EndingInTables>>();
  return (tenant, run, upTo) => {
    // Ids hold no NUL, so the join is injective.
    const key = [tenant, run, upTo].join('\u0000');
    const known = asking.get(key);
    if (known) return known;
    const answer = ask(tenant, run, upTo).finally(() => asking.delete(key));
    asking.set(key, answer);
    return answer;
  };
}
