import { globSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { ofKind } from './manifests.ts';
import type { Resource } from './resource.ts';

const ROOT = new URL('../..', import.meta.url);

/** One rule of the edge: which service gets what begins with, or is, a path. */
interface EdgeRule {
  readonly path: string;
  readonly exact: boolean;
  readonly service: string;
}

/** An address of a service, as its own documents list it. Other tests hold those documents against the code. */
export interface Address {
  readonly service: string;
  readonly path: string;
}

export function documentedAddresses(): Address[] {
  const read = (file: string): string => readFileSync(new URL(file, ROOT), 'utf8');
  const openApi = globSync('docs/openapi/*.json', { cwd: ROOT }).flatMap((file) => {
    const { paths } = JSON.parse(read(file)) as { paths: object };
    const service = file.replace(/^.*\/|\.json$/g, '');
    return Object.keys(paths).map((path) => ({ service, path }));
  });
  const { channels } = parse(read('docs/asyncapi.yaml')) as { channels: Record<string, { address: string }> };
  const live = Object.values(channels)
    .filter(({ address }) => address.startsWith('/'))
    .map(({ address }) => ({ service: 'realtime-gateway', path: address }));
  return [...openApi, ...live].map(({ service, path }) => ({ service, path: path.replaceAll(/\{\w+\}/g, 'some-id') }));
}

/** What no stranger should see: for the cluster's own eyes. */
export function isInternal({ path }: Address): boolean {
  return path.startsWith('/health/') || ['/version', '/metrics'].includes(path);
}

/** The rules of all Ingresses and HTTPRoutes. */
export function edgeRules(resources: readonly Resource[]): EdgeRule[] {
  const ingress = ofKind(resources, 'Ingress').flatMap(({ spec }) =>
    spec.rules.flatMap((rule) =>
      rule.http.paths.map((path) => ({
        path: path.path,
        exact: path.pathType === 'Exact',
        service: path.backend.service.name,
      })),
    ),
  );
  const gateway = ofKind(resources, 'HTTPRoute').flatMap(({ spec }) =>
    spec.rules.flatMap((rule) =>
      rule.matches.map(({ path }) => ({
        path: path.value,
        exact: path.type === 'Exact',
        service: rule.backendRefs[0].name,
      })),
    ),
  );
  return [...ingress, ...gateway] as EdgeRule[];
}

/** Who gets a path: both kinds of edge take an exact rule first, then the longest prefix, by whole segments. */
export function serviceOf(path: string, rules: readonly EdgeRule[]): string | undefined {
  const matching = rules.filter((rule) =>
    rule.exact ? rule.path === path : path === rule.path || path.startsWith(`${rule.path}/`),
  );
  const best = matching.sort((a, b) => Number(b.exact) - Number(a.exact) || b.path.length - a.path.length);
  return best[0]?.service;
}

/** Addresses that reach nobody, or the wrong service, or should not be reachable at all. */
export function routingFindings(resources: readonly Resource[]): string[] {
  const rules = edgeRules(resources);
  return documentedAddresses().flatMap((address) => {
    const expected = isInternal(address) ? undefined : address.service;
    const actual = serviceOf(address.path, rules);
    return actual === expected ? [] : [`${address.path}: goes to ${actual ?? 'nobody'}, not ${expected ?? 'nobody'}`];
  });
}
