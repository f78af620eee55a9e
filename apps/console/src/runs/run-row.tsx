import { memo } from 'react';
import { Link } from '@tanstack/react-router';
import type { RunBody } from '../api/types.ts';
import { formatAge, formatCost, formatCount, formatDuration, formatMoment } from '../format/format.ts';
import { Status } from './status.tsx';

export interface RunRowProps {
  readonly run: RunBody;
  readonly now: number;
  readonly rowIndex: number;
  readonly onOpen: (run: string) => void;
}

/** One run as a line of figures. */
export const RunRow = memo(function RunRow({ run, now, rowIndex, onOpen }: RunRowProps) {
  const started = Date.parse(run.started_at);
  const duration = run.duration_ms ?? Math.max(0, now - started);
  return (
    <div className="run-row" role="row" aria-rowindex={rowIndex} onClick={() => onOpen(run.id)}>
      <span role="cell" className="run">
        <Link
          to="/runs/$run"
          params={{ run: run.id }}
          className="mono"
          title={run.id}
          onClick={(event) => event.stopPropagation()}
        >
          {run.id}
        </Link>
        {run.attempt > 1 && <span className="attempt">attempt {run.attempt}</span>}
      </span>
      <span role="cell" className="state">
        <Status run={run} />
      </span>
      <span role="cell" className="agent" title={run.agent ?? run.flow}>
        {run.agent ?? run.flow ?? '–'}
      </span>
      <span role="cell" className="number duration">
        {formatDuration(duration)}
      </span>
      <span role="cell" className="number events">
        {formatCount(run.event_count)}
      </span>
      <span role="cell" className="number tokens">
        {run.usage.total_tokens > 0 ? formatCount(run.usage.total_tokens) : '–'}
      </span>
      <span role="cell" className="number cost">
        {formatCost(run.usage.cost_usd)}
      </span>
      <span role="cell" className="number age faint" title={formatMoment(started)}>
        {formatAge(started, now)}
      </span>
    </div>
  );
});
