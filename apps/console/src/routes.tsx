import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { Agents } from './agents/agents.tsx';
import { Inbox } from './inbox/inbox.tsx';
import { readRunFilter } from './runs/run-filter.ts';
import { RunList } from './runs/run-list.tsx';
import { RunPage } from './run/run-page.tsx';
import { SessionPage } from './session/session-page.tsx';
import { Sessions } from './session/sessions.tsx';
import { NoSuchPage } from './shell/no-such-page.tsx';
import { Shell } from './shell/shell.tsx';

const root = createRootRoute({ component: Shell, notFoundComponent: NoSuchPage });

export const runListRoute = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: readRunFilter,
  component: function Runs() {
    return <RunList filter={runListRoute.useSearch()} />;
  },
});

export const runRoute = createRoute({
  getParentRoute: () => root,
  path: '/runs/$run',
  component: function Run() {
    const { run } = runRoute.useParams();
    // A page of its own for each run: nothing of the one before may be left in it.
    return <RunPage key={run} run={run} />;
  },
});

const sessionsRoute = createRoute({ getParentRoute: () => root, path: '/sessions', component: Sessions });
const agentsRoute = createRoute({ getParentRoute: () => root, path: '/agents', component: Agents });
const inboxRoute = createRoute({ getParentRoute: () => root, path: '/inbox', component: Inbox });

const sessionRoute = createRoute({
  getParentRoute: () => root,
  path: '/sessions/$session',
  component: function Session() {
    const { session } = sessionRoute.useParams();
    return <SessionPage key={session} session={session} />;
  },
});

export const router = createRouter({
  routeTree: root.addChildren([runListRoute, runRoute, sessionsRoute, sessionRoute, agentsRoute, inboxRoute]),
  defaultPreload: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
