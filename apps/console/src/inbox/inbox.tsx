import { Link } from '@tanstack/react-router';
import { Failure, Notice } from '../shell/notice.tsx';
import { useRunList } from '../runs/use-run-list.ts';
import { AnswerBox } from './answer-box.tsx';
import './inbox.css';

const WAITING = { status: 'waiting_for_input' } as const;

/** Every run that waits for a person, with its question. */
export function Inbox() {
  const { query, runs } = useRunList(WAITING);
  if (query.isError && runs.length === 0) {
    return <Failure error={query.error} retry={() => void query.refetch()} />;
  }
  if (runs.length === 0) {
    return (
      <Notice title={query.isPending ? 'Looking for questions …' : 'No run waits for an answer'}>
        <p className="soft">When an agent asks a person, its question appears here, and the first answer wins.</p>
      </Notice>
    );
  }
  return (
    <div className="inbox">
      <h1>Inbox</h1>
      <ul>
        {runs.map((run) => (
          <li key={run.id}>
            <p className="from">
              <Link to="/runs/$run" params={{ run: run.id }} className="mono">
                {run.id}
              </Link>
              <span className="faint">{run.agent ?? run.flow}</span>
            </p>
            <AnswerBox run={run.id} version={Number(run.position.split('.').at(-1))} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** How many runs wait, for the navigation. */
export function WaitingCount() {
  const { runs } = useRunList(WAITING);
  return runs.length === 0 ? null : <span className="badge">{runs.length}</span>;
}
