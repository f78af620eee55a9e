import { formatDuration } from '../format/format.ts';
import { useLink } from '../live/link.tsx';

const WORDS = { connecting: 'connecting', live: 'live', away: 'offline, coming back' } as const;

/** Whether the page is live, and how far behind the log it is. */
export function LinkLight() {
  const { state, delay } = useLink();
  return (
    <span className={`link-light ${state}`} role="status" title="From the log's storing an event to this screen">
      <span className="dot" aria-hidden="true" />
      {WORDS[state]}
      {state === 'live' && delay !== undefined && <span className="faint delay">{formatDuration(delay)}</span>}
    </span>
  );
}
