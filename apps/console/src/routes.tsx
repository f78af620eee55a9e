import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { readRunFilter } from './runs/run-filter.ts';
import { RunList } from './runs/run-list.tsx';
import { RunPage } from './run/run-page.tsx';
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

export const router = createRouter({ routeTree: root.addChildren([runListRoute, runRoute]), defaultPreload: false });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
