import { beforeAll, describe, expect, it } from '@jest/globals';
import { obtainKustomize } from '@runcast/local-backends';
import { documentedAddresses, edgeRules, routingFindings } from './edge-routes.ts';
import { schemaFindings } from './kubernetes-schemas.ts';
import { ofKind, OVERLAYS, podOf, render, type Overlay } from './manifests.ts';
import type { Resource } from './resource.ts';
import { MUTATIONS } from './mutations.ts';
import { POLICIES } from './policies.ts';
import { unknownFields } from './unknown-fields.ts';

const rendered = new Map<Overlay, Resource[]>();

beforeAll(async () => {
  const kustomize = await obtainKustomize(process.env);
  for (const overlay of OVERLAYS) rendered.set(overlay, await render(kustomize, overlay));
}, 180_000);

/** A copy that a test may spoil. */
const copyOf = (overlay: Overlay): Resource[] => structuredClone(rendered.get(overlay)!);

describe.each(OVERLAYS)('The manifests of %s, rendered by kustomize,', (overlay) => {
  it('are what the schemas of Kubernetes and of the operators say', async () => {
    const findings = await Promise.all(copyOf(overlay).map(schemaFindings));
    expect(findings.flat()).toEqual([]);
    expect(await unknownFields(copyOf(overlay))).toEqual([]);
  });

  it.each(POLICIES.map(({ name, findings }) => [name, findings] as const))('keep the policy: %s', (_name, findings) => {
    expect(findings(copyOf(overlay))).toEqual([]);
  });

  it('hold no two objects of one name', () => {
    const names = copyOf(overlay).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('refer only to Services and Deployments that are there', () => {
    const all = copyOf(overlay);
    const deployments = ofKind(all, 'Deployment').map(({ metadata }) => metadata.name);
    const scaled = [...ofKind(all, 'HorizontalPodAutoscaler'), ...ofKind(all, 'ScaledObject')];
    for (const { spec } of scaled) expect(deployments).toContain(spec.scaleTargetRef.name);
    const services = ofKind(all, 'Service').map(({ metadata }) => metadata.name);
    for (const { service } of edgeRules(all)) expect(services).toContain(service);
  });
});

describe('Every policy', () => {
  it('has a mutation', () => {
    expect(Object.keys(MUTATIONS).sort()).toEqual(POLICIES.map(({ name }) => name).sort());
  });

  it.each(POLICIES.map(({ name, findings }) => [name, findings] as const))(
    'finds out its mutation: %s',
    (name, findings) => {
      const spoilt = copyOf('prod');
      MUTATIONS[name]!(spoilt);
      expect(findings(spoilt)).not.toEqual([]);
    },
  );
});

describe('The schemas', () => {
  const deployment = (all: Resource[]) => ofKind(all, 'Deployment')[0]!;

  it.each<[string, (all: Resource[]) => void]>([
    ['a number that is a word', (all) => Object.assign(deployment(all).spec, { replicas: 'two' })],
    ['a field that is missing', (all) => Object.assign(deployment(all).spec, { selector: undefined })],
    [
      'an operator’s field of the wrong type',
      (all) => Object.assign(ofKind(all, 'ScaledObject')[0]!.spec, { triggers: 'none' }),
    ],
    ['a kind that does not exist', (all) => Object.assign(deployment(all), { kind: 'Deploiment' })],
  ])('find out %s', async (_what, spoil) => {
    const spoilt = copyOf('prod');
    spoil(spoilt);
    expect((await Promise.all(spoilt.map(schemaFindings))).flat()).toHaveLength(1);
  });

  it('find out fields that do not exist', async () => {
    const spoilt = copyOf('prod-shared');
    const [container] = podOf(deployment(spoilt))!.containers;
    Object.assign(container, { redinessProbe: container.readinessProbe });
    Object.assign(ofKind(spoilt, 'Cluster')[0]!.spec, { instancez: 3 });
    Object.assign(ofKind(spoilt, 'HTTPRoute')[0]!.spec.rules[0], { timeout: '0s' });
    const findings = (await unknownFields(spoilt)).sort();
    expect(findings).toEqual([
      expect.stringMatching(/^Cluster\/postgres: .*instancez/),
      expect.stringMatching(/^Deployment\/ingest-gateway: .*redinessProbe/),
      expect.stringMatching(/^HTTPRoute\/runcast: .*timeout/),
    ]);
  });
});

describe.each<Overlay>(['prod', 'prod-shared'])('The edge of %s', (overlay) => {
  it('brings every documented address to its service, and the internal ones to nobody', () => {
    expect(documentedAddresses().length).toBeGreaterThan(40);
    expect(routingFindings(copyOf(overlay))).toEqual([]);
  });

  it('would be found out without one of its paths, or with one too many', () => {
    for (const rule of edgeRules(copyOf(overlay))) {
      const spoilt = copyOf(overlay);
      forget(spoilt, rule.path);
      expect(routingFindings(spoilt)).not.toEqual([]);
    }
    const open = copyOf(overlay);
    const gateway = ofKind(open, 'Ingress')[0]?.spec.rules[0].http.paths;
    const route = ofKind(open, 'HTTPRoute')[0]?.spec.rules[0].matches;
    gateway?.push({ path: '/health', pathType: 'Prefix', backend: { service: { name: 'ingest-gateway' } } });
    route?.push({ path: { type: 'PathPrefix', value: '/health' } });
    expect(routingFindings(open)).not.toEqual([]);
  });

  it('lets a feed be open for longer than any request', () => {
    const all = copyOf(overlay);
    for (const { metadata } of ofKind(all, 'Ingress')) {
      const nginx = (name: string) => metadata.annotations?.[`nginx.ingress.kubernetes.io/${name}`];
      expect(Number(nginx('proxy-read-timeout'))).toBeGreaterThanOrEqual(3600);
      expect(Number(nginx('proxy-send-timeout'))).toBeGreaterThanOrEqual(3600);
      expect(nginx('proxy-buffering')).toBe('off');
    }
    for (const { spec } of ofKind(all, 'HTTPRoute')) {
      for (const { timeouts } of spec.rules) expect(timeouts).toEqual({ request: '0s', backendRequest: '0s' });
    }
  });
});

function forget(resources: readonly Resource[], path: string): void {
  for (const { spec } of ofKind(resources, 'Ingress')) {
    for (const { http } of spec.rules) {
      http.paths = http.paths.filter((rule) => rule.path !== path);
    }
  }
  for (const { spec } of ofKind(resources, 'HTTPRoute')) {
    for (const rule of spec.rules) {
      rule.matches = rule.matches.filter((match) => match.path.value !== path);
    }
  }
}
