import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Which gateway, by the member of the development file that has its address. */
export type Base = 'ingestUrl' | 'realtimeUrl';

export interface FuzzedRoute {
  readonly base: Base;
  readonly method: string;
  /** `/v1/runs/{run}` */
  readonly pattern: string;
  /** Every status that its document names. */
  readonly statuses: ReadonlySet<number>;
}

/** What an address answers that no route has, or not with this method, or that cannot be read as one. */
export const UNROUTED: ReadonlySet<number> = new Set([204, 400, 404, 405, 408, 414, 415, 431]);

/** The pages that show the documents are not in them. */
const PAGES = ['/docs', '/docs-json', '/docs/begin.js', '/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js'];
const PAGE = new Set([200, 400, 408, 415, 431]);

/** Every route of both gateways: their specs hold these documents against what is served. */
export const ROUTES: readonly FuzzedRoute[] = [...routesOf('ingestUrl'), ...routesOf('realtimeUrl')];

function routesOf(base: Base): FuzzedRoute[] {
  const service = base === 'ingestUrl' ? 'ingest-gateway' : 'realtime-gateway';
  // Run from the sources and from what is built of them: both from the checkout's root.
  const text = readFileSync(join(process.cwd(), 'docs', 'openapi', `${service}.json`), 'utf8');
  const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, { responses: object }>> };
  const documented = Object.entries(paths).flatMap(([pattern, of]) =>
    Object.entries(of).map(([method, { responses }]) => {
      const statuses = new Set(Object.keys(responses).map(Number));
      return { base, method: method.toUpperCase(), pattern, statuses };
    }),
  );
  return [...documented, ...PAGES.map((pattern) => ({ base, method: 'GET', pattern, statuses: PAGE }))];
}

/** What may be answered to a method on the address of a route. HEAD is answered as GET is. */
export function documentedFor({ base, pattern }: FuzzedRoute, method: string): ReadonlySet<number> {
  const like = method === 'HEAD' ? 'GET' : method;
  const route = ROUTES.find((one) => one.base === base && one.pattern === pattern && one.method === like);
  return route?.statuses ?? UNROUTED;
}
