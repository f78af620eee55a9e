import picocolors from 'picocolors';
import { gatewaysOf, type Gateways } from '../gateways.ts';
import { readDuration } from '../duration.ts';
import { readApi } from '../read-api.ts';
import { plainLines, tableLines, type ListedRun } from './runs-table.ts';

export interface RunsOptions {
  readonly status?: string;
  readonly agent?: string;
  readonly session?: string;
  readonly since?: string;
  readonly limit: number;
  readonly json: boolean;
}

interface Page {
  readonly runs: readonly ListedRun[];
  readonly next_page_key?: string;
}

const PAGE = 200;

/** `runcast runs`: the newest runs as a table, as lines in a pipe, or as one JSON object a line. */
export async function runs(options: RunsOptions, root: string, host: NodeJS.Process): Promise<number> {
  const listed = await list(gatewaysOf(host.env, root), options, Date.now());
  for (const line of linesOf(listed, options, host.stdout.isTTY)) host.stdout.write(`${line}\n`);
  return 0;
}

function linesOf(listed: readonly ListedRun[], { json }: RunsOptions, isTerminal: boolean): string[] {
  if (json) return listed.map((run) => JSON.stringify(run));
  if (isTerminal) return tableLines(listed, Date.now(), picocolors);
  return plainLines(listed, Date.now());
}

async function list(gateways: Gateways, { limit, since, ...filter }: RunsOptions, now: number): Promise<ListedRun[]> {
  const { status, agent, session } = filter;
  const query = new URLSearchParams({
    limit: String(Math.min(limit, PAGE)),
    ...(status !== undefined && { status }),
    ...(agent !== undefined && { agent }),
    ...(session !== undefined && { session }),
    ...(since !== undefined && { started_after: new Date(now - readDuration('--since', since)).toISOString() }),
  });
  const found: ListedRun[] = [];
  for (;;) {
    const page = (await readApi<Page>(gateways, `/v1/runs?${query.toString()}`))!;
    found.push(...page.runs);
    if (found.length >= limit || page.next_page_key === undefined) return found.slice(0, limit);
    query.set('page_key', page.next_page_key);
  }
}
