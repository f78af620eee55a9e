import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { documentedRoutes, openApiPath } from '@runcast/service-host';
import { freshNamespace, testBackends } from '@runcast/test-harness';
import { api } from './api-docs.ts';
import { closeGateways, startGateway, type GatewayUnderTest } from './testing/gateway-under-test.ts';

interface Operation {
  readonly summary?: string;
  readonly responses: Record<string, unknown>;
}

let gateway: GatewayUnderTest;
let paths: Record<string, Record<string, Operation>>;

beforeAll(async () => {
  gateway = await startGateway({ natsUrl: testBackends().natsUrl, namespace: freshNamespace() });
  ({ paths } = (await (await fetch(`${gateway.url}/docs-json`)).json()) as { paths: typeof paths });
});

afterAll(closeGateways);

/** Paths with an operation that nobody has described. */
function silentIn(all: typeof paths): string[] {
  return Object.entries(all).flatMap(([path, of]) =>
    Object.values(of).flatMap(({ summary, responses }) => (summary && responses['400'] ? [] : [path])),
  );
}

describe('The OpenAPI document of the ingest gateway', () => {
  it('holds every route that is served, and none that is not', () => {
    const documented = Object.entries(paths).flatMap(([path, of]) =>
      Object.keys(of).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = documentedRoutes(gateway.app.routes).map(({ method, url }) => `${method} ${openApiPath(url)}`);
    expect(documented.sort()).toEqual([...new Set(served)].sort());
    const ghosts = Object.keys(api.routes).filter((name) => !served.includes(openApiPath(name)));
    expect(ghosts).toEqual([]);
  });

  it('says of each what it is for and what it answers', () => {
    expect(silentIn(paths)).toEqual([]);
    expect(silentIn({ '/nobody-described-this': { get: { responses: {} } } })).toEqual(['/nobody-described-this']);
  });

  it('is the one that is kept with the sources (npm run openapi writes it)', () => {
    const kept = readFileSync(new URL('../../../docs/openapi/ingest-gateway.json', import.meta.url), 'utf8');
    expect(paths).toEqual((JSON.parse(kept) as { paths: unknown }).paths);
  });

  it('is shown by a page that needs no other host', async () => {
    const page = await fetch(`${gateway.url}/docs`);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const text = await page.text();
    const needed = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!);
    expect(needed).toHaveLength(3);
    for (const address of needed) expect((await fetch(gateway.url + address)).status).toBe(200);
  });
});
