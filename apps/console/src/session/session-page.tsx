import { useCallback, useMemo, useState } from 'react';
import { Link } from '@tanstack/react-router';
import { EventDetail } from '../events/event-detail.tsx';
import { EventList } from '../events/event-list.tsx';
import { useRunList } from '../runs/use-run-list.ts';
import { Status } from '../runs/status.tsx';
import { useFeed } from '../run/use-feed.ts';
import { useSpans } from '../run/use-spans.ts';
import type { Span } from '../waterfall/span.ts';
import { Waterfall } from '../waterfall/waterfall.tsx';
import { SessionSpans } from './session-spans.ts';
import '../run/run-page.css';

/** All runs of a session on one axis, in whichever formats they came, live. */
export function SessionPage({ session }: { session: string }) {
  const feed = useFeed(useMemo(() => ({ session }), [session]));
  const { spans, startMs, lastMs, isRunning } = useSpans(feed, newSpans);
  const { runs } = useRunList(useMemo(() => ({ session }), [session]));
  const [selected, setSelected] = useState<number>();
  const select = useCallback((span: Span) => setSelected(span.events.at(-1)), []);
  const endMs = useCallback(() => (isRunning ? Date.now() : lastMs), [isRunning, lastMs]);
  const dialects = new Set(feed.events.flatMap(({ dialect }) => dialect ?? []));
  const chosen = selected === undefined ? undefined : feed.events[selected];
  return (
    <div className="page run-page">
      <header className="run-head">
        <div className="title">
          <h1 className="mono">{session}</h1>
          <span className="faint">
            {runs.length} {runs.length === 1 ? 'run' : 'runs'}, {feed.events.length} events
            {dialects.size > 0 && `, told in ${[...dialects].join(', ')}`}
          </span>
        </div>
        <ul className="joined">
          {runs.map((run) => (
            <li key={run.id}>
              <Status run={run} />{' '}
              <Link to="/runs/$run" params={{ run: run.id }} className="mono">
                {run.id}
              </Link>{' '}
              <span className="faint">{run.agent ?? run.flow}</span>
            </li>
          ))}
        </ul>
      </header>
      <section className="upper" aria-label="Waterfall">
        <Waterfall
          spans={spans}
          startMs={startMs}
          endMs={endMs}
          isRunning={isRunning}
          selected={undefined}
          onSelect={select}
        />
      </section>
      <section className="lower" aria-label="Events">
        <EventList events={feed.events} version={feed.version} selected={selected} onSelect={setSelected} />
        {chosen && <EventDetail event={chosen} onClose={() => setSelected(undefined)} />}
      </section>
    </div>
  );
}

const newSpans = () => new SessionSpans();
