import { useMemo } from 'react';
import { formatMinute } from '../format/format.ts';
import { RunBoard } from '../run/run-board.tsx';
import { RunHead } from '../run/run-head.tsx';
import '../run/run-page.css';
import { useFeed } from '../run/use-feed.ts';
import { Mark } from '../shell/mark.tsx';
import { Notice } from '../shell/notice.tsx';
import '../shell/shell.css';
import { ThemeButton } from '../shell/theme-button.tsx';
import { useFoldedRun } from './folded-run.ts';
import './shared.css';
import { leaveSharedView, type SharedView } from './shared-view.ts';

/** One run as somebody sees it who was sent a link: live and whole, and nothing that could be done to it. */
export function SharedRun({ run, until }: Pick<SharedView, 'run' | 'until'>) {
  const feed = useFeed(useMemo(() => ({ run }), [run]));
  const summary = useFoldedRun(feed);
  const question = summary?.status === 'waiting_for_input' ? summary.question : undefined;
  return (
    <div className="shell">
      <header className="top">
        <span className="brand">
          <Mark />
          <span>Runcast</span>
        </span>
        <span className="soft shared-words">Shared run, read only, until {formatMinute(Date.parse(until))}</span>
        <div className="tools">
          <ThemeButton />
          <button className="button quiet" onClick={signIn}>
            Sign in
          </button>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <div className="page run-page">
          <RunHead run={run} summary={summary} feed={feed.state} isShared />
          {question !== undefined && <p className="shared-question">Waits for an answer: {question}</p>}
          <RunBoard feed={feed} />
        </div>
      </main>
    </div>
  );
}

/** Why a shared link shows nothing. */
export function SharedLinkFailure({ why }: { why: 'spent' | 'unreachable' }) {
  const isSpent = why === 'spent';
  return (
    <main>
      <Notice title={isSpent ? 'This link has been used, or is too old' : 'Runcast cannot be reached'}>
        <p className="soft">
          {isSpent
            ? 'A shared link opens once, within a minute of being made. Ask whoever sent it for another.'
            : 'The link was not used. Open it again in a moment.'}
        </p>
        <button className="button" onClick={signIn}>
          Sign in with a key
        </button>
      </Notice>
    </main>
  );
}

function signIn(): void {
  leaveSharedView();
  location.reload();
}
