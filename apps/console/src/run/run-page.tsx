import { useCallback, useMemo, useRef, useState } from 'react';
import type { WatchedEvent } from '@runcast/client';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useAccess } from '../access/access.tsx';
import { RefusedError } from '../api/request.ts';
import type { RunBody } from '../api/types.ts';
import { EventDetail } from '../events/event-detail.tsx';
import { EventList } from '../events/event-list.tsx';
import { Failure, Notice } from '../shell/notice.tsx';
import { SpanTree } from '../waterfall/span-tree.ts';
import type { Span } from '../waterfall/span.ts';
import { Waterfall } from '../waterfall/waterfall.tsx';
import { RunHead } from './run-head.tsx';
import './run-page.css';
import { useFeed } from './use-feed.ts';

/** One run, live. */
export function RunPage({ run }: { run: string }) {
  const { api } = useAccess();
  const feed = useFeed(useMemo(() => ({ run }), [run]));
  const { version, events } = feed;
  const spans = useSpans(feed);
  const isRunning = spans.some(({ state }) => state === 'running');
  const [selected, setSelected] = useState<number>();
  const summary = useQuery({
    queryKey: ['run', run],
    queryFn: ({ signal }) => api.json<RunBody>(`/v1/runs/${encodeURIComponent(run)}`, { signal }),
    // The feed is ahead of the tables; while it moves, they are asked again.
    refetchInterval: isRunning ? 1_000 : 5_000,
  });
  const select = useCallback((span: Span) => setSelected(span.events.at(-1)), []);
  const endMs = useCallback(() => (isRunning ? Date.now() : lastMs(spans)), [isRunning, spans]);

  if (summary.error instanceof RefusedError && summary.error.isNotFound && events.length === 0) {
    return (
      <Notice title="Nobody has heard of this run yet">
        <p className="soft">
          This page watches for it: with its first event, <code>{run}</code> appears here.
        </p>
        <Link to="/" className="button">
          All runs
        </Link>
      </Notice>
    );
  }
  if (summary.isError && events.length === 0) {
    return <Failure error={summary.error} retry={() => void summary.refetch()} />;
  }
  const chosen = selected === undefined ? undefined : events[selected];
  return (
    <div className="page run-page">
      <RunHead run={run} summary={summary.data} feed={feed.state} />
      <section className="upper" aria-label="Waterfall">
        <Waterfall
          spans={spans}
          startMs={firstMs(spans)}
          endMs={endMs}
          isRunning={isRunning}
          selected={spans.findLast(({ events: own }) => selected !== undefined && own.includes(selected))?.id}
          onSelect={select}
        />
      </section>
      <section className="lower" aria-label="Events">
        <EventList events={events} version={version} selected={selected} onSelect={setSelected} />
        {chosen && <EventDetail event={chosen} onClose={() => setSelected(undefined)} />}
      </section>
    </div>
  );
}

/** The spans of the events so far. Each event is looked at once. */
function useSpans({ version, events }: { version: number; events: readonly WatchedEvent[] }) {
  const tree = useRef({ spans: new SpanTree(), count: 0 });
  return useMemo(() => {
    // A feed that began anew is shorter than what was looked at.
    if (tree.current.count > events.length) tree.current = { spans: new SpanTree(), count: 0 };
    for (const event of events.slice(tree.current.count)) tree.current.spans.add(event);
    tree.current.count = events.length;
    return tree.current.spans.spans();
    // The array is the same one each time; the version tells that it has grown.
  }, [version, events]);
}

function firstMs(spans: readonly Span[]): number {
  return spans.reduce((first, { startMs }) => Math.min(first, startMs), Infinity);
}

function lastMs(spans: readonly Span[]): number {
  return spans.reduce((last, { endMs = 0 }) => Math.max(last, endMs), 0);
}
