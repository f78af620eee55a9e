import { createElement, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { FeedSocket, watchRun, type FeedKey } from '@runcast/client';
import { useRun, useSession } from '@runcast/client/react';

declare global {
  interface Window {
    /** The page's back end. */
    ticketFor(keys: readonly FeedKey[]): Promise<string>;
    /** What a plain loop over a feed was given. */
    looped: string[];
  }
}

const ids = (events: readonly { id: string }[]): string => events.map(({ id }) => id).join(' ');

/** Shows a run and its session with the hooks, and a loop beside them, all on one socket. */
export function show(run: string, session: string): void {
  const feeds = new FeedSocket({ url: location.origin, ticket: (keys) => window.ticketFor(keys) });
  window.looped = [];

  function Page() {
    const ofRun = useRun(feeds, run);
    const ofSession = useSession(feeds, session);
    return createElement(
      'dl',
      {},
      createElement('dd', { id: 'run' }, ids(ofRun.events)),
      createElement('dd', { id: 'run-state' }, ofRun.state),
      createElement('dd', { id: 'session' }, ids(ofSession.events)),
      createElement('dd', { id: 'session-state' }, ofSession.state),
    );
  }

  document.body.innerHTML = '<main></main>';
  createRoot(document.querySelector('main')!).render(createElement(StrictMode, {}, createElement(Page)));
  void (async () => {
    for await (const event of watchRun(feeds, run)) window.looped.push(event.id);
    window.looped.push('the end');
  })();
}
