import { ofKind, podOf } from './manifests.ts';
import type { Resource } from './resource.ts';

type Spoil = (resources: Resource[]) => void;

const gateway = (all: readonly Resource[]): Resource =>
  ofKind(all, 'Deployment').find(({ metadata }) => metadata.name === 'realtime-gateway')!;
const container = (all: readonly Resource[]) => podOf(gateway(all))!.containers[0];

/** For each policy, by its name: what breaks it and nothing else. */
export const MUTATIONS: Readonly<Record<string, Spoil>> = {
  'every image has a fixed version': (all) => (container(all).image = 'runcast/realtime-gateway:latest'),
  'every container says what it needs and where its memory ends': (all) => delete container(all).resources.limits,
  'no container runs as root, or may become it': (all) => (podOf(gateway(all))!.securityContext.runAsUser = 0),
  'no container has a capability or a root file system to write to': (all) =>
    (container(all).securityContext.readOnlyRootFilesystem = false),
  'every container has the default seccomp profile': (all) =>
    delete podOf(gateway(all))!.securityContext.seccompProfile,
  'every pod has a service account of its own, without a token': (all) =>
    (podOf(gateway(all))!.automountServiceAccountToken = true),
  'started, alive and ready are three questions': (all) =>
    (container(all).livenessProbe!.httpGet!.path = '/health/ready'),
  'nobody is killed while it drains': (all) => (podOf(gateway(all))!.terminationGracePeriodSeconds = 30),
  'a drained node takes one replica at a time': (all) =>
    (ofKind(all, 'PodDisruptionBudget')[0]!.spec.maxUnavailable = 2),
  'replicas stand on different nodes and in different zones': (all) =>
    podOf(gateway(all))!.topologySpreadConstraints!.pop(),
  'two copies of the log never stand on one node': (all) => delete podOf(ofKind(all, 'StatefulSet')[0]!)!.affinity,
  'what NATS acknowledges is on the disk': (all) => {
    const config = ofKind(all, 'ConfigMap').find(({ data }) => data?.['nats.conf'])!.data!;
    config['nats.conf'] = config['nats.conf']!.replace('sync_interval: always', '# sync_interval: always');
  },
  'no secret is written into a pod': (all) => container(all).env!.push({ name: 'NATS_PASSWORD', value: 'hunter2' }),
  'nothing talks to anything by default, and every pod is in that default': (all) =>
    delete gateway(all).spec.template.metadata.labels['app.kubernetes.io/part-of'],
  'the namespace refuses pods with more rights': (all) =>
    Object.assign(ofKind(all, 'Namespace')[0]!.metadata, { labels: {} }),
  'every secret that is asked for is known to whoever installs': (all) =>
    container(all).env!.push({ name: 'X', valueFrom: { secretKeyRef: { name: 'surprise', key: 'x' } } }),
};
