import { describe, expect, it } from '@jest/globals';
import { runOfPath, sharedLink, ticketInFragment } from './shared-link.ts';

const TICKET = `rct_${'aB3-_'.repeat(8)}xyz`;

describe('A shared link', () => {
  it.each(['run-1', 'a/b?c#d', 'ü %2F'])('leads to the page of the run %j, with its ticket', (run) => {
    const url = new URL(sharedLink('http://localhost:8081', run, TICKET));
    expect(runOfPath(url.pathname)).toBe(run);
    expect(ticketInFragment(url.hash)).toBe(TICKET);
    // What servers, proxies and their logs get to see.
    expect(url.pathname + url.search).not.toContain(TICKET);
  });

  it.each(['', '#', '#key=rck_a', '#ticket=', '#ticket=rck_abc', '#ticket=rct_a b', `#ticket=rct_${'x'.repeat(129)}`])(
    'has no ticket in %j',
    (fragment) => expect(ticketInFragment(fragment)).toBeUndefined(),
  );

  it.each(['/', '/runs/', '/runs/a/b', '/sessions/a', '/runs/%E0%A4%A'])('does not lead to %j', (path) =>
    expect(runOfPath(path)).toBeUndefined(),
  );
});
