import type { ReactNode } from 'react';
import { RefusedError, UnreachableError } from '../api/request.ts';
import './notice.css';

/** What stands where there is nothing to show, and why. */
export function Notice({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="notice">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Why something could not be read, and what can be done about it. */
export function Failure({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <Notice title={titleOf(error)}>
      <p className="soft" role="alert">
        {error instanceof Error ? error.message : String(error)}
      </p>
      {error instanceof RefusedError && error.problem.request_id !== '' && (
        <p className="faint mono">request {error.problem.request_id}</p>
      )}
      <button className="button" onClick={retry}>
        Try again
      </button>
    </Notice>
  );
}

function titleOf(error: unknown): string {
  if (error instanceof UnreachableError) return 'Runcast cannot be reached';
  return error instanceof RefusedError ? error.problem.title : 'This could not be shown';
}
