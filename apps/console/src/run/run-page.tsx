import { useMemo, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useAccess } from '../access/access.tsx';
import { RefusedError } from '../api/request.ts';
import type { RunBody } from '../api/types.ts';
import { AnswerBox } from '../inbox/answer-box.tsx';
import { Failure, Notice } from '../shell/notice.tsx';
import { RunActions } from './run-actions.tsx';
import { RunBoard } from './run-board.tsx';
import { RunHead } from './run-head.tsx';
import './run-page.css';
import { useFeed } from './use-feed.ts';
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
