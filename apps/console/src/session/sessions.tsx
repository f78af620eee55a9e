import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useAccess } from '../access/access.tsx';
import type { SessionPage as Page } from '../api/types.ts';
import { formatAge, formatCount } from '../format/format.ts';
import { Failure, Notice } from '../shell/notice.tsx';
import { useNow } from '../shell/use-now.ts';
import '../agents/agents.css';

/** Every conversation, the newest first. */
export function Sessions() {
  const { api } = useAccess();
  const now = useNow(5_000);
  const query = useInfiniteQuery({
    queryKey: ['summed', 'sessions'],
    queryFn: ({ pageParam, signal }) => {
      const page = new URLSearchParams({ limit: '50', ...(pageParam && { page_key: pageParam }) });
      return api.json<Page>(`/v1/sessions?${page}`, { signal });
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_page_key,
  });
  if (query.isError) return <Failure error={query.error} retry={() => void query.refetch()} />;
  if (query.isPending) return <p className="loading faint">Reading the sessions …</p>;
  const sessions = query.data.pages.flatMap((page) => page.sessions);
  if (sessions.length === 0) {
    return (
      <Notice title="No session yet">
        <p className="soft">Runs that name the same session are shown together here.</p>
      </Notice>
    );
  }
  return (
    <div className="sessions">
      <h1>Sessions</h1>
      <table>
        <thead>
          <tr>
            <th scope="col">Session</th>
            <th scope="col" className="wide">
              First agent
            </th>
            <th scope="col" className="number">
              Runs
            </th>
            <th scope="col" className="number wide">
              Events
            </th>
            <th scope="col" className="number">
              Last event
            </th>
          </tr>
        </thead>
        <tbody>
          {sessions.map((session) => (
            <tr key={session.id}>
              <th scope="row">
                <Link to="/sessions/$session" params={{ session: session.id }} className="mono">
                  {session.id}
                </Link>
              </th>
              <td className="wide">{session.agent ?? '–'}</td>
              <td className="number">{formatCount(session.run_count)}</td>
              <td className="number wide">{formatCount(session.event_count)}</td>
              <td className="number faint">
                {session.last_event_at === undefined ? '–' : formatAge(Date.parse(session.last_event_at), now)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {query.hasNextPage && (
        <button className="button" onClick={() => void query.fetchNextPage()} disabled={query.isFetchingNextPage}>
          Older sessions
        </button>
      )}
    </div>
  );
}
