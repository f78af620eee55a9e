import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Failure, Notice } from '../shell/notice.tsx';
import { useNow } from '../shell/use-now.ts';
import { Filters } from './filters.tsx';
import type { RunFilter } from './run-filter.ts';
import { RunRow } from './run-row.tsx';
import './run-list.css';
import { useRunList } from './use-run-list.ts';

/** Every run, newest first. */
export function RunList({ filter }: { filter: RunFilter }) {
  const { query, runs } = useRunList(filter);
  return (
    <div className="page run-list">
      <h1 className="spoken">Runs</h1>
      <Filters filter={filter} />
      {query.isError && runs.length === 0 ? (
        <Failure error={query.error} retry={() => void query.refetch()} />
      ) : runs.length === 0 ? (
        query.isPending ? (
          <p className="loading faint">Reading the list …</p>
        ) : (
          <NoRuns filter={filter} />
        )
      ) : (
        <Rows list={{ query, runs }} />
      )}
    </div>
  );
}

function NoRuns({ filter }: { filter: RunFilter }) {
  if (Object.keys(filter).length > 0) {
    return (
      <Notice title="No run fits this filter">
        <Link to="/" className="button">
          Show all runs
        </Link>
      </Notice>
    );
  }
  return (
    <Notice title="No agent has run yet">
      <p className="soft">A run appears here as soon as its first event is sent. With a key that may send:</p>
      <pre>
        curl -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' $INGEST/v1/events \{'\n'}
        {"  -d '"}
        {'{"type": "run.started", "run": "hello-1", "agent": "greeter"}'}
        {"'"}
      </pre>
    </Notice>
  );
}

const ROW_PX = 34;
const PHONE_ROW_PX = 56;

function Rows({ list: { query, runs } }: { list: ReturnType<typeof useRunList> }) {
  const scroller = useRef<HTMLDivElement>(null);
  const now = useNow(1_000);
  const [active, setActive] = useState<number>();
  const navigate = useNavigate();
  const isNarrow = matchMedia('(max-width: 640px)').matches;
  const rows = useVirtualizer({
    count: runs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (isNarrow ? PHONE_ROW_PX : ROW_PX),
    overscan: 12,
    getItemKey: (index) => runs[index]!.id,
  });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    if (last >= runs.length - 20 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [last, runs.length, hasNextPage, isFetchingNextPage, fetchNextPage]);
  useEffect(() => {
    if (active === undefined) return;
    rows.scrollToIndex(active);
    scroller.current?.querySelector<HTMLElement>(`[data-index="${active}"] a`)?.focus({ preventScroll: true });
  }, [active, rows]);

  function move(event: KeyboardEvent): void {
    const step = STEPS[event.key];
    if (step === undefined || event.metaKey || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    setActive((before) => Math.min(runs.length - 1, Math.max(0, (before ?? -1) + step)));
  }
  useShortcuts(move);

  return (
    <div className="rows" ref={scroller} role="table" tabIndex={0} aria-label="Runs" aria-rowcount={runs.length + 1}>
      <div className="run-row head" role="row" aria-rowindex={1}>
        {HEADS.map(([name, className]) => (
          <span key={name} role="columnheader" className={className}>
            {name}
          </span>
        ))}
      </div>
      <div className="all" role="rowgroup" style={{ height: rows.getTotalSize() }}>
        {items.map((item) => (
          <div
            key={item.key}
            className="place"
            data-index={item.index}
            role="presentation"
            style={{ transform: `translateY(${item.start}px)`, height: item.size }}
          >
            <RunRow
              run={runs[item.index]!}
              now={now}
              rowIndex={item.index + 2}
              onOpen={(run) => void navigate({ to: '/runs/$run', params: { run } })}
            />
          </div>
        ))}
      </div>
    </div>
  );
}

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

const HEADS = [
  ['Run', 'run'],
  ['Status', ''],
  ['Agent', ''],
  ['Duration', 'number'],
  ['Events', 'number events'],
  ['Tokens', 'number tokens'],
  ['Cost', 'number cost'],
  ['Age', 'number'],
] as const;

/** Keys that work wherever the focus is, but not while somebody writes. */
function useShortcuts(move: (event: KeyboardEvent) => void): void {
  const latest = useRef(move);
  latest.current = move;
  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent): void => {
      if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return;
      if (event.key === '/') {
        event.preventDefault();
        document.querySelector<HTMLInputElement>('input[type="search"]')?.focus();
      } else latest.current(event as unknown as KeyboardEvent);
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, []);
}
