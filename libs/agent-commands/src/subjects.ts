import { decodeToken, encodeToken, isDialectName, isId, type DialectName } from '@runcast/run-events';

/** What is said over NATS beside the log, as subjects. Every id goes through the one injective encoding. */
export class Subjects {
  readonly #prefix: string;

  /** `namespace` lets several installations, or tests, share one NATS account. */
  constructor(namespace = '') {
    this.#prefix = namespace === '' ? 'runcast' : `runcast_${namespace}`;
  }

  /** Takes events in, e.g. `runcast.ingest.acme.agent-os`. */
  ingest(tenant: string, dialect: DialectName): string {
    return `${this.#prefix}.ingest.${encodeToken(tenant)}.${dialect}`;
  }

  get everyIngest(): string {
    return `${this.#prefix}.ingest.*.*`;
  }

  /** Who sends through an ingest subject, and in which format; the part that is wrong when it says neither. */
  readIngest(subject: string): { tenant: string; dialect: DialectName } | { wrong: 'tenant' | 'dialect' } {
    const [tenantToken = '', dialect = ''] = subject.slice(`${this.#prefix}.ingest.`.length).split('.');
    const tenant = decodeToken(tenantToken);
    // The encoding can write what is no id: a NUL, which Postgres takes in no text, or more than 128 bytes.
    if (!isId(tenant)) return { wrong: 'tenant' };
    return isDialectName(dialect) ? { tenant, dialect } : { wrong: 'dialect' };
  }

  /** Asks whoever serves an agent to run it. */
  command(tenant: string, agent: string): string {
    return `${this.#prefix}.command.${encodeToken(tenant)}.${encodeToken(agent)}`;
  }

  /** Tells whoever runs it that a run of the tenant has been cancelled. */
  cancel(tenant: string): string {
    return `${this.#prefix}.cancel.${encodeToken(tenant)}`;
  }

  /** Where workers say which runs of the tenant they work on, so that one that died is noticed. */
  working(tenant: string): string {
    return `${this.#prefix}.working.${encodeToken(tenant)}`;
  }

  /** Where commands for a workflow wait until somebody takes them. */
  workflow(tenant: string, flow: string): string {
    return `${this.#prefix}.workflow.${encodeToken(tenant)}.${encodeToken(flow)}`;
  }

  get everyWorkflow(): string {
    return `${this.#prefix}.workflow.*.*`;
  }

  /** One mark; `name` is a hash, so it needs no encoding. */
  mark(name: string): string {
    return `${this.#prefix}.mark.${name}`;
  }

  get everyMark(): string {
    return `${this.#prefix}.mark.*`;
  }
}
