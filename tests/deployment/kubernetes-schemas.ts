import { nameOf } from './manifests.ts';
import type { Resource } from './resource.ts';

/** Which package carries the schemas of an API group: Kubernetes' own OpenAPI document, or an operator's CRDs. */
const PACKAGES: readonly [group: RegExp, specifier: string][] = [
  [/^keda\.sh\//, '@kubernetes-models/keda'],
  [/^gateway\.networking\.k8s\.io\//, '@kubernetes-models/gateway-api'],
  [/^postgresql\.cnpg\.io\//, '@kubernetes-models/cloudnative-pg'],
  [/./, 'kubernetes-models'],
];

export function moduleOf(apiVersion: string): string {
  const [, specifier] = PACKAGES.find(([group]) => group.test(apiVersion))!;
  return `${specifier}/${apiVersion}`;
}

type Model = new (resource: Resource) => { validate(): void };

/** What a schema finds wrong with an object: types, required fields, allowed values. Unknown fields: unknown-fields.ts. */
export async function schemaFindings(resource: Resource): Promise<string[]> {
  const models = (await import(moduleOf(resource.apiVersion)).catch(() => ({}))) as Record<string, Model | undefined>;
  const Model = models[resource.kind];
  if (Model === undefined) return [`${nameOf(resource)}: there is no ${resource.kind} in ${resource.apiVersion}`];
  try {
    new Model(resource).validate();
    return [];
  } catch (error) {
    return [`${nameOf(resource)}: ${(error as Error).message}`];
  }
}
