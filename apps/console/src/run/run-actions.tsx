import { useCallback, useState } from 'react';
import type { WatchedEvent } from '@runcast/client';
import { useAccess } from '../access/access.tsx';
import { describeRecovery } from '../live/recovery.ts';
import { downloadRun } from './download.ts';
import { useRecovery } from './use-recovery.ts';

export interface RunActionsProps {
  readonly run: string;
  readonly events: readonly WatchedEvent[];
  readonly isWatchOpen: boolean;
  readonly onWatch: () => void;
}

/** What can be done with a run that is shown. */
export function RunActions({ run, events, isWatchOpen, onWatch }: RunActionsProps) {
  const { api } = useAccess();
  const [problem, setProblem] = useState('');
  // The array grows in place, so that the positions are always those of now.
  const held = useCallback(() => events.map(({ position }) => position), [events]);
  const { drop, isCut, recovery } = useRecovery(run, held);
  const tell = (error: unknown): void => setProblem(error instanceof Error ? error.message : String(error));
  return (
    <div className="run-actions">
      <span role="status" className="recovery">
        {recovery && describeRecovery(recovery)}
      </span>
      <span role="alert" className="failure">
        {problem}
      </span>
      <button className="button" aria-pressed={isWatchOpen} onClick={onWatch}>
        Watch this in …
      </button>
      <button className="button" onClick={() => void downloadRun(api, run).catch(tell)}>
        Download
      </button>
      <button
        className="button"
        onClick={() => void drop().catch(tell)}
        disabled={isCut}
        title="Cuts the page off for four seconds, as a dead network would"
      >
        {isCut ? 'Cut off …' : 'Drop the connection'}
      </button>
    </div>
  );
}
