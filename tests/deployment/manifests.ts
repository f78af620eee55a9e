import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import type { PodSpec, Resource } from './resource.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export const OVERLAYS = ['dev', 'prod', 'prod-shared'] as const;
export type Overlay = (typeof OVERLAYS)[number];

/** What `kubectl apply -k` would send, rendered by the real kustomize. */
export async function render(kustomize: readonly string[], overlay: Overlay): Promise<Resource[]> {
  const [command, ...args] = kustomize;
  const { stdout } = await run(command!, [...args, `${ROOT}/k8s/overlays/${overlay}`], { maxBuffer: 16 * 1024 * 1024 });
  return parseAllDocuments(stdout).map((document) => unfold(document.toJS() as Resource));
}

/** kustomize folds long base64 over several lines; the API server does not mind, a schema's format does. */
function unfold(resource: Resource): Resource {
  if (resource.kind !== 'Secret') return resource;
  const data = Object.entries(resource.data ?? {});
  return { ...resource, data: Object.fromEntries(data.map(([name, text]) => [name, text.replaceAll(/\s/g, '')])) };
}

export function nameOf({ kind, metadata }: Resource): string {
  return `${kind}/${metadata.name}`;
}

/** The pod template of what runs pods. */
export function podOf(resource: Resource): PodSpec | undefined {
  return ['Deployment', 'StatefulSet', 'Job'].includes(resource.kind) ? resource.spec.template.spec : undefined;
}

export function ofKind(resources: readonly Resource[], kind: string): Resource[] {
  return resources.filter((resource) => resource.kind === kind);
}
