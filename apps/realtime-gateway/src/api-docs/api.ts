import type { ApiDescription, RouteDocs } from '@runcast/service-host';
import { CONSOLE_PAGES } from '../console/console-files.ts';
import { adminRoutes } from './admin-routes.ts';
import { accessRoutes } from './access-routes.ts';
import { feedRoutes } from './feed-routes.ts';
import { overviewRoutes } from './overview-routes.ts';
import { tableRoutes } from './table-routes.ts';
import { vendorRoutes } from './vendor-routes.ts';

const page = { tag: 'Console', problems: ['not_found'] } as const;
const unchanged = { description: 'The browser has it already' };

const consoleRoutes: RouteDocs = {
  ...Object.fromEntries(
    CONSOLE_PAGES.map((path) => [
      `GET ${path}`,
      {
        ...page,
        summary: 'A page of the console',
        answers: { 200: { description: 'The page', type: 'text/html' }, 304: unchanged },
      },
    ]),
  ),
  'GET /assets/:file': {
    ...page,
    summary: 'A script or style of the console',
    answers: { 200: { description: 'The file', type: 'application/octet-stream' }, 304: unchanged },
  },
};

export const api: ApiDescription = {
  title: 'Runcast realtime gateway',
  description:
    'Serves runs and sessions: lists from the tables, live feeds from the log. WebSockets: docs/asyncapi.yaml.',
  routes: {
    ...tableRoutes,
    ...overviewRoutes,
    ...feedRoutes,
    ...accessRoutes,
    ...adminRoutes,
    ...vendorRoutes,
    ...consoleRoutes,
  },
};
