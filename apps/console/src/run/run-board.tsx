import { useCallback, useMemo, useState } from 'react';
import { EventDetail } from '../events/event-detail.tsx';
import { EventList } from '../events/event-list.tsx';
import type { FeedSnapshot } from '../live/run-feed.ts';
import { countAt, spansAt, timeline } from '../waterfall/scrub.ts';
import { SpanTree } from '../waterfall/span-tree.ts';
import type { Span } from '../waterfall/span.ts';
import { Waterfall } from '../waterfall/waterfall.tsx';
import { Scrubber, type Playing } from './scrubber.tsx';
import { useSpans } from './use-spans.ts';

/** The waterfall and the events, of now or of the moment that is played. */
export function RunBoard({ feed }: { feed: FeedSnapshot }) {
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
