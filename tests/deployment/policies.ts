import { nameOf, ofKind, podOf } from './manifests.ts';
import type { Container, PodSpec, Resource } from './resource.ts';

/** A rule that every overlay keeps. */
export interface Policy {
  readonly name: string;
  /** What breaks it; empty when nothing does. */
  readonly findings: (resources: readonly Resource[]) => string[];
}

const SERVICES = ['ingest-gateway', 'projector', 'realtime-gateway'];

/** For each container that the check complains about: where, and what. */
function ofContainers(check: (container: Container, pod: PodSpec) => string | undefined) {
  return (resources: readonly Resource[]): string[] =>
    resources.flatMap((resource) => {
      const pod = podOf(resource);
      if (pod === undefined) return [];
      return [...(pod.initContainers ?? []), ...pod.containers].flatMap((container) => {
        const finding = check(container, pod);
        return finding === undefined ? [] : [`${nameOf(resource)} (${container.name}): ${finding}`];
      });
    });
}

function unless(good: boolean, finding: string): string | undefined {
  return good ? undefined : finding;
}

function servicesIn(resources: readonly Resource[]): Resource[] {
  return ofKind(resources, 'Deployment').filter(({ metadata }) => SERVICES.includes(metadata.name));
}

/** Each Deployment that the check complains about. */
function ofServices(check: (service: Resource, all: readonly Resource[]) => string | undefined) {
  return (resources: readonly Resource[]): string[] => {
    const found = servicesIn(resources).map(({ metadata }) => metadata.name);
    const missing = SERVICES.filter((name) => !found.includes(name)).map((name) => `Deployment/${name}: is missing`);
    const findings = servicesIn(resources).flatMap((service) => {
      const finding = check(service, resources);
      return finding === undefined ? [] : [`${nameOf(service)}: ${finding}`];
    });
    return [...missing, ...findings];
  };
}

/** The value that a container gets for a variable, from its own list or the shared ConfigMap. */
export function variableOf(resource: Resource, name: string, all: readonly Resource[]): string | undefined {
  const [container] = podOf(resource)!.containers;
  const own = container.env?.find((variable) => variable.name === name)?.value;
  const shared = (container.envFrom ?? [])
    .map((source) => source.configMapRef?.name)
    .map((map) => ofKind(all, 'ConfigMap').find(({ metadata }) => metadata.name === map)?.data?.[name]);
  return own ?? shared.find(Boolean);
}

export const POLICIES: readonly Policy[] = [
  {
    name: 'every image has a fixed version',
    findings: ofContainers(({ image }) =>
      unless(/:[^/:]+$/.test(image) && !image.endsWith(':latest'), `${image} can become another one`),
    ),
  },
  {
    name: 'every container says what it needs and where its memory ends',
    findings: ofContainers(({ resources }) =>
      unless(
        Boolean(resources?.requests?.cpu && resources.requests.memory && resources.limits?.memory),
        'has no requests for CPU and memory, or no limit of memory',
      ),
    ),
  },
  {
    name: 'no container runs as root, or may become it',
    findings: ofContainers(({ securityContext: own = {} }, { securityContext: shared = {} }) =>
      unless(
        (own.runAsNonRoot ?? shared.runAsNonRoot) === true &&
          (own.runAsUser ?? shared.runAsUser ?? 0) > 0 &&
          own.allowPrivilegeEscalation === false &&
          own.privileged !== true,
        'may run as root',
      ),
    ),
  },
  {
    name: 'no container has a capability or a root file system to write to',
    findings: ofContainers(({ securityContext: own = {} }) =>
      unless(
        own.readOnlyRootFilesystem === true && own.capabilities?.drop?.includes('ALL') === true,
        'is not restricted',
      ),
    ),
  },
  {
    name: 'every container has the default seccomp profile',
    findings: ofContainers((own, shared) =>
      unless(
        (own.securityContext?.seccompProfile ?? shared.securityContext?.seccompProfile)?.type === 'RuntimeDefault',
        'has no seccomp profile',
      ),
    ),
  },
  {
    name: 'every pod has a service account of its own, without a token',
    findings: (resources) =>
      resources.flatMap((resource) => {
        const pod = podOf(resource);
        const accounts = ofKind(resources, 'ServiceAccount').map(({ metadata }) => metadata.name);
        const good = !pod || (accounts.includes(pod.serviceAccountName) && pod.automountServiceAccountToken === false);
        return good ? [] : [`${nameOf(resource)}: has the rights of others`];
      }),
  },
  {
    name: 'started, alive and ready are three questions',
    findings: ofServices((service) => {
      const [{ startupProbe, livenessProbe, readinessProbe }] = podOf(service)!.containers;
      // A liveness probe that asks for dependencies restarts everything when Postgres is away.
      const asked = [startupProbe, livenessProbe, readinessProbe].map((probe) => probe?.httpGet?.path);
      return unless(
        JSON.stringify(asked) === JSON.stringify(['/health/live', '/health/live', '/health/ready']) &&
          (startupProbe?.failureThreshold ?? 0) * (startupProbe?.periodSeconds ?? 0) >= 60,
        `asks ${asked.join(', ')}`,
      );
    }),
  },
  {
    name: 'nobody is killed while it drains',
    findings: ofServices((service, all) => {
      const pod = podOf(service)!;
      const preStop = pod.containers[0].lifecycle?.preStop?.sleep?.seconds ?? 0;
      const drain = Number(variableOf(service, 'RUNCAST_DRAIN_DEADLINE_MS', all)) / 1000;
      return unless(
        preStop >= 5 && pod.terminationGracePeriodSeconds >= preStop + drain + 5,
        `${pod.terminationGracePeriodSeconds} s are too short for preStop ${preStop} s and a drain of ${drain} s`,
      );
    }),
  },
  {
    name: 'a drained node takes one replica at a time',
    findings: (resources) =>
      [...servicesIn(resources), ...ofKind(resources, 'StatefulSet')].flatMap((service) => {
        const budget = ofKind(resources, 'PodDisruptionBudget').find(
          ({ spec }) => spec.selector.matchLabels.app === service.metadata.name,
        );
        return budget?.spec.maxUnavailable === 1 ? [] : [`${nameOf(service)}: has no budget`];
      }),
  },
  {
    name: 'replicas stand on different nodes and in different zones',
    findings: (resources) =>
      resources.flatMap((resource) => {
        // What is scaled to nothing is a tool for a person, not a replica of anything.
        if (!['Deployment', 'StatefulSet'].includes(resource.kind) || resource.spec.replicas === 0) return [];
        const { topologySpreadConstraints = [], affinity } = podOf(resource)!;
        const keys = topologySpreadConstraints.map(({ topologyKey }) => topologyKey);
        const apart = affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.[0]?.topologyKey;
        const good =
          keys.includes('topology.kubernetes.io/zone') && [...keys, apart].includes('kubernetes.io/hostname');
        return good ? [] : [`${nameOf(resource)}: its replicas may all stand together`];
      }),
  },
  {
    name: 'two copies of the log never stand on one node',
    findings: (resources) =>
      ofKind(resources, 'StatefulSet').flatMap((set) => {
        const required = podOf(set)!.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
        return required.length > 0 ? [] : [`${nameOf(set)}: nothing keeps its pods apart`];
      }),
  },
  {
    name: 'what NATS acknowledges is on the disk',
    findings: (resources) =>
      ofKind(resources, 'StatefulSet').flatMap((set) => {
        const volume = podOf(set)!.volumes?.find(({ name }) => name === 'config')?.configMap?.name;
        const config = ofKind(resources, 'ConfigMap').find(({ metadata }) => metadata.name === volume)?.data;
        return /^\s*sync_interval: always$/m.test(config?.['nats.conf'] ?? '')
          ? []
          : [`${nameOf(set)}: loses with power`];
      }),
  },
  {
    name: 'no secret is written into a pod',
    findings: ofContainers(({ env = [] }) => {
      const written = env.filter(({ name, value }) => /PASSWORD|KEY|DATABASE_URL|CREDENTIALS/.test(name) && value);
      return unless(written.length === 0, `has the value of ${written.map(({ name }) => name).join()}`);
    }),
  },
  {
    name: 'nothing talks to anything by default, and every pod is in that default',
    findings: (resources) => {
      const closed = ofKind(resources, 'NetworkPolicy').find(({ spec }) => !spec.ingress && !spec.egress);
      const label = closed?.spec.podSelector.matchLabels?.['app.kubernetes.io/part-of'];
      if (label !== 'runcast' || closed?.spec.policyTypes.length !== 2) return ['nothing closes the namespace'];
      return resources.flatMap((resource) => {
        const labels = podOf(resource) && resource.spec.template.metadata.labels;
        return labels && labels['app.kubernetes.io/part-of'] !== label ? [`${nameOf(resource)}: is left open`] : [];
      });
    },
  },
  {
    name: 'the namespace refuses pods with more rights',
    findings: (resources) =>
      ofKind(resources, 'Namespace').some(
        ({ metadata }) => metadata.labels?.['pod-security.kubernetes.io/enforce'] === 'restricted',
      )
        ? []
        : ['the namespace takes any pod'],
  },
  {
    name: 'every secret that is asked for is known to whoever installs',
    findings: ofContainers(({ env = [] }) => {
      const names = env.flatMap(({ valueFrom }) =>
        valueFrom?.secretKeyRef ? [valueFrom.secretKeyRef.name.replace(/-[a-z0-9]{10}$/, '')] : [],
      );
      const unknown = names.filter((name) => !['runcast', 'runcast-nats', 'postgres-app'].includes(name));
      return unless(unknown.length === 0, `asks for ${unknown.join()}`);
    }),
  },
];
