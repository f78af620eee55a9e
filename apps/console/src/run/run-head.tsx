import type { ReactNode } from 'react';
import { Link } from '@tanstack/react-router';
import type { RunBody } from '../api/types.ts';
import { formatCost, formatCount, formatDuration, formatMoment, formatWhole } from '../format/format.ts';
import type { FeedState } from '../live/run-feed.ts';
import { Status } from '../runs/status.tsx';
import { useNow } from '../shell/use-now.ts';

export interface RunHeadProps {
  readonly run: string;
  readonly summary: RunBody | undefined;
  readonly feed: FeedState;
  /** Somebody who was sent a link sees this page and no other. */
  readonly isShared?: boolean;
  readonly children?: ReactNode;
}

/** What a run is called and what it came to so far. */
export function RunHead({ run, summary, feed, isShared = false, children }: RunHeadProps) {
  return (
    <header className="run-head">
      <div className="title">
        <h1 className="mono" title={run}>
          {run}
        </h1>
        {summary && <Status run={summary} />}
        <FeedWords state={feed} />
        {children}
      </div>
      {summary && <Totals run={summary} isShared={isShared} />}
      {summary?.error && (
        <p className="failure">{[summary.error.type, summary.error.message].filter(Boolean).join(': ')}</p>
      )}
    </header>
  );
}

function FeedWords({ state }: { state: FeedState }) {
  if (state.kind === 'live' || state.kind === 'connecting') return null;
  return (
    <span className="feed-words" role="status">
      {state.kind === 'reconnecting' ? 'connection lost, coming back …' : refusalWords(state)}
    </span>
  );
}

function refusalWords({ status, detail }: Extract<FeedState, { kind: 'refused' }>): string {
  if (status === 401) return 'live view ended: what opened it is good no longer';
  return status === 403 ? 'live view refused: this key may not watch the run' : detail;
}

function Totals({ run, isShared }: { run: RunBody; isShared: boolean }) {
  const isRunning = run.status === 'running' || run.status === 'waiting_for_input';
  const now = useNow(100, isRunning);
  const started = Date.parse(run.started_at);
  return (
    <dl className="totals">
      {run.agent !== undefined && (
        <Total
          name="agent"
          value={
            isShared ? (
              run.agent
            ) : (
              <Link to="/" search={{ agent: run.agent }}>
                {run.agent}
              </Link>
            )
          }
        />
      )}
      {run.flow !== undefined && <Total name="flow" value={run.flow} />}
      {run.session !== undefined && (
        <Total
          name="session"
          value={
            isShared ? (
              <span className="mono">{run.session}</span>
            ) : (
              <Link to="/sessions/$session" params={{ session: run.session }} className="mono">
                {run.session}
              </Link>
            )
          }
        />
      )}
      <Total name="duration" value={formatDuration(run.duration_ms ?? now - started)} />
      <Total name="started" value={formatMoment(started)} />
      <Total name="events" value={formatWhole(run.event_count)} />
      <Total name="steps" value={formatWhole(run.step_count)} />
      <Total name="tools" value={formatWhole(run.tool_call_count)} />
      {run.llm_call_count > 0 && <Total name="model calls" value={formatWhole(run.llm_call_count)} />}
      {run.usage.total_tokens > 0 && (
        <Total
          name="tokens"
          value={`${formatCount(run.usage.total_tokens)} (${formatCount(run.usage.input_tokens)} in, ${formatCount(run.usage.output_tokens)} out)`}
        />
      )}
      {run.usage.cost_usd > 0 && <Total name="cost" value={formatCost(run.usage.cost_usd)} />}
      {run.model !== undefined && <Total name="model" value={run.model} />}
      {run.attempt > 1 && <Total name="attempt" value={String(run.attempt)} />}
    </dl>
  );
}

function Total({ name, value }: { name: string; value: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
