/** A Kubernetes object, as far as these checks look into it. Which of the fields it has depends on its kind. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly spec: Spec;
  readonly data?: Record<string, string>;
}

export interface Metadata {
  readonly name: string;
  labels?: Record<string, string>;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Spec {
  replicas: number;
  readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly template: { readonly metadata: { readonly labels: Record<string, string> }; readonly spec: PodSpec };
  /** Of a PodDisruptionBudget. */
  maxUnavailable: number;
  /** Of a NetworkPolicy. */
  readonly podSelector: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly policyTypes: readonly string[];
  readonly ingress?: readonly unknown[];
  readonly egress?: readonly unknown[];
  /** Of what scales. */
  readonly scaleTargetRef: { readonly name: string };
  triggers: readonly unknown[];
  /** Of an Ingress and an HTTPRoute. */
  readonly rules: readonly [EdgeSpec, ...EdgeSpec[]];
}

export interface PodSpec {
  readonly serviceAccountName: string;
  automountServiceAccountToken?: boolean;
  terminationGracePeriodSeconds: number;
  readonly securityContext: SecurityContext;
  readonly topologySpreadConstraints?: { readonly topologyKey: string }[];
  affinity?: {
    readonly podAntiAffinity?: {
      readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly { readonly topologyKey: string }[];
    };
  };
  readonly initContainers?: readonly Container[];
  readonly containers: readonly [Container, ...Container[]];
  readonly volumes?: readonly { readonly name: string; readonly configMap?: { readonly name: string } }[];
}

export interface Container {
  readonly name: string;
  image: string;
  readonly env?: Variable[];
  readonly envFrom?: readonly { readonly configMapRef?: { readonly name: string } }[];
  readonly resources: { readonly requests?: Amounts; limits?: Amounts };
  readonly securityContext: SecurityContext;
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly lifecycle?: { readonly preStop?: { readonly sleep?: { readonly seconds: number } } };
}

export interface SecurityContext {
  readonly runAsNonRoot?: boolean;
  runAsUser?: number;
  readonly allowPrivilegeEscalation?: boolean;
  readonly privileged?: boolean;
  readOnlyRootFilesystem?: boolean;
  readonly capabilities?: { readonly drop?: readonly string[] };
  seccompProfile?: { readonly type: string };
}

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string; readonly key: string } };
}

interface Probe {
  readonly httpGet?: { path: string };
  readonly periodSeconds: number;
  readonly failureThreshold: number;
}

interface Amounts {
  readonly cpu?: string;
  readonly memory?: string;
}

interface EdgeSpec {
  /** Of an Ingress. */
  readonly http: { paths: IngressPath[] };
  /** Of an HTTPRoute. */
  matches: { readonly path: { readonly type: string; readonly value: string } }[];
  readonly backendRefs: readonly [{ readonly name: string }];
  readonly timeouts?: unknown;
}

interface IngressPath {
  readonly path: string;
  readonly pathType: string;
  readonly backend: { readonly service: { readonly name: string } };
}
