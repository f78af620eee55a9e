import { useState } from 'react';
import type { WatchedEvent } from '@runcast/client';
import { formatMoment } from '../format/format.ts';
import { Inspector } from './inspector.tsx';
import { readableParts } from './readable.ts';
import { redactionsIn } from './redactions.ts';

/** One event, for reading: what it says in plain text first, then all of it. */
export function EventDetail({ event, onClose }: { event: WatchedEvent; onClose: () => void }) {
  return (
    <aside className="event-detail" aria-label={`Event ${event.type}`}>
      <header>
        <h2>{event.type}</h2>
        <CopyButton text={JSON.stringify(event, null, 2)} />
        <button className="button quiet" onClick={onClose} aria-label="Close the event">
          ×
        </button>
      </header>
      <div className="body">
        <p className="faint">
          {formatMoment(Date.parse(event.occurred_at))} · {event.dialect} ·{' '}
          <span className="mono">{event.position}</span>
        </p>
        {readableParts(event).map(({ name, text, tone }) => (
          <figure key={name} className={`part ${tone}`}>
            <figcaption>{name}</figcaption>
            <pre tabIndex={0}>{text}</pre>
          </figure>
        ))}
        <Redacted value={event.data} />
        <Inspector value={event} />
      </div>
    </aside>
  );
}

/** Says what is not there because Runcast took it out, so that nobody looks for it. */
function Redacted({ value }: { value: unknown }) {
  const marks = redactionsIn(value);
  if (marks.length === 0) return null;
  return (
    <p className="redacted">
      Taken out before it was stored:{' '}
      {marks.map(({ path, rule }) => (
        <code key={path} title={`found by the rule “${rule}”`}>
          {path}
        </code>
      ))}
    </p>
  );
}

export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [isCopied, setCopied] = useState(false);
  return (
    <button
      className="button quiet"
      onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
      onBlur={() => setCopied(false)}
    >
      {isCopied ? 'Copied' : label}
    </button>
  );
}
