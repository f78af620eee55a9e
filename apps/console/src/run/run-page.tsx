import { useCallback, useMemo, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useAccess } from '../access/access.tsx';
import { RefusedError } from '../api/request.ts';
import type { RunBody } from '../api/types.ts';
import { EventDetail } from '../events/event-detail.tsx';
import { EventList } from '../events/event-list.tsx';
import { AnswerBox } from '../inbox/answer-box.tsx';
import { Failure, Notice } from '../shell/notice.tsx';
import { countAt, spansAt, timeline } from '../waterfall/scrub.ts';
import { SpanTree } from '../waterfall/span-tree.ts';
import type { Span } from '../waterfall/span.ts';
import { Waterfall } from '../waterfall/waterfall.tsx';
import { RunActions } from './run-actions.tsx';
import { RunHead } from './run-head.tsx';
import './run-page.css';
import { Scrubber, type Playing } from './scrubber.tsx';
import { useFeed } from './use-feed.ts';
import { useSpans } from './use-spans.ts';
import { WatchElsewhere } from './watch-elsewhere.tsx';

/** One run: live while it runs, to be played again when it is over. */
export function RunPage({ run }: { run: string }) {
  const { api } = useAccess();
  const feed = useFeed(useMemo(() => ({ run }), [run]));
  const { events } = feed;
  const summary = useQuery({
    queryKey: ['run', run],
    queryFn: ({ signal }) => api.json<RunBody>(`/v1/runs/${encodeURIComponent(run)}`, { signal }),
    // Until the tables know the run; from then on the page is told of changes.
    refetchInterval: (query) => (query.state.data === undefined ? 1_000 : 20_000),
  });
  const [isWatchOpen, setWatchOpen] = useState(false);
  if (summary.error instanceof RefusedError && summary.error.isNotFound && events.length === 0) {
    return <NotYet run={run} />;
  }
  if (summary.isError && events.length === 0) {
    return <Failure error={summary.error} retry={() => void summary.refetch()} />;
  }
  return (
    <div className="page run-page">
      <RunHead run={run} summary={summary.data} feed={feed.state}>
        <RunActions run={run} events={events} onWatch={() => setWatchOpen(!isWatchOpen)} isWatchOpen={isWatchOpen} />
      </RunHead>
      {isWatchOpen && summary.data && <WatchElsewhere run={summary.data} onClose={() => setWatchOpen(false)} />}
      {summary.data?.status === 'waiting_for_input' && <AnswerBox run={run} version={events.length} />}
      <RunBoard feed={feed} />
    </div>
  );
}

function NotYet({ run }: { run: string }) {
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

/** The waterfall and the events, of now or of the moment that is played. */
function RunBoard({ feed }: { feed: ReturnType<typeof useFeed> }) {
  const { version, events } = feed;
  const { spans, startMs, lastMs, isRunning } = useSpans(feed, newTree);
  const [selected, setSelected] = useState<number>();
  const [playing, setPlaying] = useState<Playing>();
  const isPlayed = playing !== undefined && !isRunning;
  const times = useMemo(
    () => (isPlayed ? timeline(events.map(({ occurred_at }) => Date.parse(occurred_at))) : []),
    // The array is the same one each time; the version tells that it has grown.
    [isPlayed, events, version],
  );
  const shownSpans = isPlayed ? spansAt(spans, playing.atMs) : spans;
  const shownEvents = isPlayed ? events.slice(0, countAt(times, playing.atMs)) : events;
  const select = useCallback((span: Span) => setSelected(span.events.at(-1)), []);
  const endMs = useCallback(() => (isRunning ? Date.now() : lastMs), [isRunning, lastMs]);
  const chosen = selected === undefined ? undefined : shownEvents[selected];
  return (
    <>
      <section className="upper" aria-label="Waterfall">
        {!isRunning && spans.length > 0 && (
          <Scrubber startMs={startMs} endMs={lastMs} playing={playing} onChange={setPlaying} />
        )}
        <Waterfall
          spans={shownSpans}
          startMs={startMs}
          endMs={endMs}
          headMs={isPlayed ? playing.atMs : undefined}
          isRunning={isRunning}
          selected={shownSpans.findLast(({ events: own }) => selected !== undefined && own.includes(selected))?.id}
          onSelect={select}
        />
      </section>
      <section className="lower" aria-label="Events">
        <EventList events={shownEvents} version={version} selected={selected} onSelect={setSelected} />
        {chosen && <EventDetail event={chosen} onClose={() => setSelected(undefined)} />}
      </section>
    </>
  );
}

const newTree = () => new SpanTree();
