import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { obtainKustomize } from '@runcast/local-backends';
import { parse } from 'yaml';
import { ofKind, OVERLAYS, podOf, render, type Overlay } from './manifests.ts';
import type { Resource } from './resource.ts';
import { passwordsIn } from './nats-under-accounts.ts';
import { PROGRAMS, variableFindings } from './variable-names.ts';

interface Compose {
  readonly services: Record<string, { image?: string; environment?: Record<string, string> }>;
}

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const compose = parse(read('docker-compose.yml'), { merge: true }) as Compose;
const passwords = Object.keys(passwordsIn(read('k8s/base/nats/accounts.conf')));
const programOf = (image = ''): string | undefined => /^runcast\/([a-z-]+)/.exec(image)?.[1];

/** What the container of a manifest is given, by name. */
function variablesOf(resource: Resource, all: readonly Resource[]): { program: string | undefined; given: string[] } {
  const [container] = podOf(resource)!.containers;
  const maps = (container.envFrom ?? []).map(({ configMapRef }) => configMapRef?.name);
  const shared = ofKind(all, 'ConfigMap').filter(({ metadata }) => maps.includes(metadata.name));
  const own = (container.env ?? []).map(({ name }) => name);
  return {
    program: programOf(container.image),
    given: [...own, ...shared.flatMap(({ data }) => Object.keys(data ?? {}))],
  };
}

describe('docker-compose.yml', () => {
  const programs = Object.entries(compose.services).filter(([, { image }]) => programOf(image));

  it.each(programs)('gives %s variables that it reads, and all that it must have', (_name, { image, environment }) => {
    expect(variableFindings(programOf(image)!, Object.keys(environment ?? {}))).toEqual([]);
  });

  it('runs every program', () => {
    expect(new Set(programs.map(([, { image }]) => programOf(image)))).toEqual(new Set(Object.keys(PROGRAMS)));
  });

  it.each(Object.entries(compose.services).filter(([name]) => name.startsWith('nats')))(
    'gives %s every password that its accounts ask for',
    (_name, { environment }) => {
      expect(Object.keys(environment!).sort()).toEqual(passwords.sort());
    },
  );
});

describe.each(OVERLAYS)('The manifests of %s', (overlay: Overlay) => {
  let all: Resource[];
  beforeAll(async () => {
    all = await render(await obtainKustomize(process.env), overlay);
  }, 180_000);

  it('give each program variables that it reads, and all that it must have', () => {
    const programs = all.filter(podOf).map((resource) => variablesOf(resource, all));
    const findings = programs.flatMap(({ program, given }) => (program ? variableFindings(program, given) : []));
    expect(findings).toEqual([]);
    // Three services, and the command line twice: as the migration, and for people.
    expect(programs.filter(({ program }) => program).length).toBe(5);
  });

  it('give NATS every password that its accounts ask for', () => {
    for (const set of ofKind(all, 'StatefulSet')) {
      expect(variablesOf(set, all).given).toEqual(expect.arrayContaining(passwords));
    }
  });
});

describe('The comparison', () => {
  it('would find out a misspelt and a missing variable', () => {
    expect(variableFindings('realtime-gateway', ['NATS_URI', 'DATABASE_URL_FILE'])).toEqual([
      'realtime-gateway does not read NATS_URI',
      'realtime-gateway is not given NATS_URL',
      'realtime-gateway is not given RUNCAST_SIGNING_KEY',
    ]);
  });
});
