import { memo, useEffect, useMemo, useRef, useState } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import type { WatchedEvent } from '@runcast/client';
import { formatClock, formatWhole } from '../format/format.ts';
import { gistOf } from './gist.ts';
import { groupOf, GROUPS, type EventGroup } from './groups.ts';
import './events.css';

export interface EventListProps {
  readonly events: readonly WatchedEvent[];
  /** Tells that `events` has grown. */
  readonly version: number;
  readonly selected: number | undefined;
  readonly onSelect: (index: number) => void;
}

const ROW_PX = 24;
const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

/** Every event in the order of the log, as many as there are; follows the newest while its end is in view. */
export function EventList({ events, version, selected, onSelect }: EventListProps) {
  const [hidden, setHidden] = useState<ReadonlySet<EventGroup>>(new Set());
  const shown = useMemo(
    () => events.flatMap((event, index) => (hidden.has(groupOf(event.type)) ? [] : [index])),
    // The array is the same one each time; the version tells that it has grown.
    [events, version, hidden],
  );
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 16,
  });
  const isAtEnd = useRef(true);
  useEffect(() => {
    if (isAtEnd.current && shown.length > 0) rows.scrollToIndex(shown.length - 1);
  }, [shown.length, rows]);
  useEffect(() => {
    const place = selected === undefined ? -1 : shown.indexOf(selected);
    if (place >= 0) rows.scrollToIndex(place, { align: 'auto' });
  }, [selected, shown, rows]);

  function toggle(group: EventGroup): void {
    const next = new Set(hidden);
    if (!next.delete(group)) next.add(group);
    setHidden(next);
  }

  return (
    <div className="event-list">
      <div className="event-filters" role="group" aria-label="Kinds of events">
        {GROUPS.map((group) => (
          <button key={group} className="button quiet" aria-pressed={!hidden.has(group)} onClick={() => toggle(group)}>
            {group}
          </button>
        ))}
        <span className="faint count">
          {shown.length === events.length ? '' : `${formatWhole(shown.length)} of `}
          {formatWhole(events.length)} events
        </span>
      </div>
      <div
        className="scroller"
        ref={scroller}
        role="listbox"
        tabIndex={0}
        aria-label="Events"
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          isAtEnd.current = scrollHeight - scrollTop - clientHeight < 2 * ROW_PX;
        }}
        onKeyDown={(event) => {
          const step = STEPS[event.key];
          if (step === undefined || shown.length === 0) return;
          event.preventDefault();
          event.stopPropagation();
          const place = selected === undefined ? -1 : shown.indexOf(selected);
          onSelect(shown[Math.min(shown.length - 1, Math.max(0, place + step))] ?? 0);
        }}
      >
        <div className="all" role="presentation" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((item) => (
            <EventRow
              key={shown[item.index]}
              event={events[shown[item.index]!]!}
              index={shown[item.index]!}
              topPx={item.start}
              isSelected={shown[item.index] === selected}
              onSelect={onSelect}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

interface EventRowProps {
  readonly event: WatchedEvent;
  readonly index: number;
  readonly topPx: number;
  readonly isSelected: boolean;
  readonly onSelect: (index: number) => void;
}

const EventRow = memo(function EventRow({ event, index, topPx, isSelected, onSelect }: EventRowProps) {
  return (
    <div
      className={`event-row ${event.level ?? 'info'}`}
      role="option"
      aria-selected={isSelected}
      style={{ transform: `translateY(${topPx}px)` }}
      onClick={() => onSelect(index)}
    >
      <span className="faint mono">{formatClock(Date.parse(event.occurred_at))}</span>
      <span className={`type ${groupOf(event.type)}`}>{event.type}</span>
      <span className="gist">{gistOf(event)}</span>
    </div>
  );
});
