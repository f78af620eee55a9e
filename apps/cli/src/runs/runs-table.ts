import type picocolors from 'picocolors';
import { durationText } from '../duration.ts';
import { printable, shortened } from '../printable.ts';

type Colors = ReturnType<typeof picocolors.createColors>;

/** A run as `GET /v1/runs` lists it. */
export interface ListedRun {
  readonly id: string;
  readonly status: string;
  readonly status_reason?: string;
  readonly agent?: string;
  readonly started_at: string;
  readonly duration_ms?: number;
  readonly event_count: number;
  readonly usage: { readonly total_tokens: number; readonly cost_usd: number };
}

const TITLES = ['RUN', 'STATUS', 'AGENT', 'STARTED', 'TOOK', 'EVENTS', 'TOKENS', 'COST'];
const MAX_NAME = 40;

/** What is known of each run in a row of its own, in the order of {@link TITLES}. */
export function rowOf(run: ListedRun, now: number): string[] {
  const { total_tokens: tokens, cost_usd: cost } = run.usage;
  return [
    printable(run.id),
    run.status_reason ?? run.status,
    printable(run.agent ?? ''),
    `${durationText(Math.max(0, now - Date.parse(run.started_at)))} ago`,
    run.duration_ms === undefined ? '' : durationText(run.duration_ms),
    String(run.event_count),
    tokens > 0 ? String(tokens) : '',
    cost > 0 ? `$${cost.toFixed(4)}` : '',
  ];
}

/** For a pipe: tabs between, nothing cut, no titles. */
export function plainLines(runs: readonly ListedRun[], now: number): string[] {
  return runs.map((run) => rowOf(run, now).join('\t'));
}

/** For a terminal. */
export function tableLines(runs: readonly ListedRun[], now: number, colors: Colors): string[] {
  if (runs.length === 0) return ['no runs'];
  const rows = runs.map((run) =>
    rowOf(run, now).map((cell, column) => (column === 4 ? cell : shortened(cell, MAX_NAME))),
  );
  const widths = TITLES.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string[] => cells.map((cell, column) => cell.padEnd(widths[column]!));
  return [
    colors.dim(line(TITLES).join('  ').trimEnd()),
    ...rows.map((row) => {
      const [id, status, ...rest] = line(row);
      return [id, statusColor(row[1]!, colors)(status!), ...rest].join('  ').trimEnd();
    }),
  ];
}

function statusColor(status: string, colors: Colors): (text: string) => string {
  switch (status) {
    case 'running':
      return colors.cyan;
    case 'waiting_for_input':
      return colors.yellow;
    case 'success':
      return colors.green;
    default:
      return colors.red;
  }
}
