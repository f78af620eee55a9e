import type { PageKeys, PageScope } from '../../rest/page-keys.ts';

/** A request to run a workflow: the run, and where in its log it was requested. */
export interface Task {
  readonly run: string;
  readonly requestedAt: number;
}

/**
 * Task ids name the run and, signed, where it was requested: any gateway can say what became of exactly that attempt,
 * without a table of its own, and nobody learns of a run by guessing.
 */
export class TaskIds {
  constructor(private readonly keys: PageKeys) {}

  seal(tenant: string, { run, requestedAt }: Task): string {
    return `${Buffer.from(run).toString('base64url')}.${this.keys.seal(requestedAt, scope(tenant, run))}`;
  }

  /** `undefined` for what was not sealed here for this tenant. */
  open(tenant: string, taskId: string): Task | undefined {
    const [encoded = '', key = ''] = taskId.split('.');
    const run = Buffer.from(encoded, 'base64url').toString('utf8');
    const requestedAt = this.keys.open(key, scope(tenant, run));
    return requestedAt === undefined ? undefined : { run, requestedAt };
  }
}

function scope(tenant: string, run: string): PageScope {
  return { tenant, list: `task ${run}` };
}
