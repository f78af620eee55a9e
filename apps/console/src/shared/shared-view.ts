import { runOfPath, ticketInFragment } from './shared-link.ts';

/** What somebody who was sent a link may see, and until when. */
export interface SharedView {
  /** Opens the run's feed, as often as the page connects. */
  readonly view: string;
  readonly run: string;
  readonly until: string;
}

export type FoundView = SharedView | 'spent' | 'unreachable';

const NAME = 'runcast.view';

/**
 * The view of this address: taken for the ticket in it, or kept in this tab since then, so that a reload shows it again. A
 * ticket is good once; `spent` says that it was used, or is too old. `undefined` for a page that nobody shared.
 */
export async function findSharedView(): Promise<FoundView | undefined> {
  const run = runOfPath(location.pathname);
  if (run === undefined) return undefined;
  const ticket = ticketInFragment(location.hash);
  if (ticket === undefined) return kept(run);
  // It is worth nothing from here on, and a reload must find the view, not the ticket that was used for it.
  history.replaceState(history.state, '', location.pathname);
  const found = await takeView(ticket, run);
  if (typeof found === 'object') sessionStorage.setItem(NAME, JSON.stringify(found));
  return found;
}

export function leaveSharedView(): void {
  sessionStorage.removeItem(NAME);
}

async function takeView(ticket: string, run: string): Promise<FoundView> {
  const headers = { authorization: `Bearer ${ticket}` };
  const response = await fetch('/v1/views', { method: 'POST', headers, cache: 'no-store' }).catch(() => undefined);
  if (response === undefined || response.status >= 500) return 'unreachable';
  if (!response.ok) return 'spent';
  const { view, expires_at: until, runs } = (await response.json()) as ViewBody;
  return runs.includes(run) ? { view, run, until } : 'spent';
}

interface ViewBody {
  readonly view: string;
  readonly expires_at: string;
  readonly runs: readonly string[];
}

function kept(run: string): SharedView | undefined {
  const text = sessionStorage.getItem(NAME);
  const view = text === null ? undefined : (JSON.parse(text) as SharedView);
  return view?.run === run ? view : undefined;
}
