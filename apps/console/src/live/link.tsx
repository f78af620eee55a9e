import { createContext, use, useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { useAccess } from '../access/access.tsx';
import type { RunBody, RunPage } from '../api/types.ts';
import type { RunFilter } from '../runs/run-filter.ts';
import { applyChanges } from './apply-changes.ts';
import { clockOffsetMs, delayMs, median } from './delay.ts';
import { followChanges, type LinkState } from './list-stream.ts';

interface Link {
  readonly state: LinkState;
  /** From the log to this screen, the middle of the newest events; undefined until one was seen live. */
  readonly delay: number | undefined;
  /** Notes when an event that was stored at `storedMs` was on the screen. */
  readonly noteShown: (storedMs: number) => void;
}

const LinkContext = createContext<Link>({ state: 'connecting', delay: undefined, noteShown: () => undefined });

const REREAD_MS = 1_500;
const NEWEST = 30;

/** Keeps every list of the page true, and knows how well the page hears. */
export function LinkProvider({ children }: { children: ReactNode }) {
  const [state, setState] = useState<LinkState>('connecting');
  const { delay, noteShown } = useDelay();
  useLiveLists(setState);
  const link = useMemo(() => ({ state, delay, noteShown }), [state, delay, noteShown]);
  return <LinkContext value={link}>{children}</LinkContext>;
}

export function useLink(): Link {
  return use(LinkContext);
}

function useLiveLists(onState: (state: LinkState) => void): void {
  const { connection } = useAccess();
  const queries = useQueryClient();
  useEffect(() => {
    const stop = new AbortController();
    let rereading: ReturnType<typeof setTimeout> | undefined;
    const reread = (): void => {
      // However many reasons there are, lists are read anew this often at most.
      rereading ??= setTimeout(() => {
        rereading = undefined;
        for (const queryKey of [['runs'], ['run'], ['input']]) void queries.invalidateQueries({ queryKey });
      }, REREAD_MS);
    };
    const onRuns = (runs: readonly RunBody[]): void => {
      for (const [key, data] of queries.getQueriesData<InfiniteData<RunPage>>({ queryKey: ['runs'] })) {
        if (data === undefined) continue;
        const { pages, isUnsure } = applyChanges(data.pages, runs, key[1] as RunFilter);
        queries.setQueryData(key, { ...data, pages });
        if (isUnsure) reread();
      }
      for (const run of runs) {
        // The list's row has no input and no output; the page's own may.
        queries.setQueryData<RunBody>(['run', run.id], (known) => known && { ...known, ...run });
        if (run.status === 'success') void queries.invalidateQueries({ queryKey: ['run', run.id] });
      }
      void queries.invalidateQueries({ queryKey: ['summed'] });
    };
    // The browser knows at once what the streams would notice when they have been silent for long enough.
    const onOffline = (): void => connection.cut(0);
    addEventListener('offline', onOffline);
    void followChanges(connection, { onRuns, onMany: reread, onState }, stop.signal);
    return () => {
      removeEventListener('offline', onOffline);
      stop.abort();
      clearTimeout(rereading);
    };
  }, [connection, queries, onState]);
}

function useDelay() {
  const { api } = useAccess();
  const [delay, setDelay] = useState<number>();
  const offset = useRef<number>(undefined);
  const newest = useRef<number[]>([]);
  useEffect(() => {
    const asked = Date.now();
    void api
      .json<{ now_ms: number }>('/v1/clock')
      .then(({ now_ms }) => (offset.current = clockOffsetMs(asked, now_ms, Date.now())))
      .catch(() => undefined);
  }, [api]);
  const noteShown = useCallback((storedMs: number) => {
    if (offset.current === undefined) return;
    newest.current = [...newest.current, delayMs(storedMs, Date.now(), offset.current)].slice(-NEWEST);
    setDelay(median(newest.current));
  }, []);
  return { delay, noteShown };
}
