import type { RunBody, RunStatus } from '../api/types.ts';
import './status.css';

export const STATUS_WORDS: Readonly<Record<RunStatus, string>> = {
  running: 'running',
  waiting_for_input: 'waiting',
  success: 'success',
  error: 'error',
};

/** A run's status in a word and a colour; the reason says more where there is one. */
export function Status({ run }: { run: Pick<RunBody, 'status' | 'status_reason'> }) {
  return (
    <span className={`status ${run.status}`}>
      <span className="dot" aria-hidden="true" />
      {run.status_reason ?? STATUS_WORDS[run.status]}
    </span>
  );
}
