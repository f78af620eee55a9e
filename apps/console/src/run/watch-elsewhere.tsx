import { useState } from 'react';
import { useAccess } from '../access/access.tsx';
import type { RunBody } from '../api/types.ts';
import { CopyButton } from '../events/event-detail.tsx';
import { snippetsFor } from './snippets.ts';

/** Ways to watch this run from elsewhere, ready to be copied, and a link that shows it to somebody without a key. */
export function WatchElsewhere({ run, onClose }: { run: RunBody; onClose: () => void }) {
  const snippets = snippetsFor({ origin: location.origin, run: run.id, session: run.session, flow: run.flow });
  const [name, setName] = useState(snippets[0]!.name);
  const chosen = snippets.find((snippet) => snippet.name === name)!;
  return (
    <section className="watch-elsewhere" aria-label="Watch this run elsewhere">
      <header>
        <h2>Watch this in …</h2>
        <button className="button quiet" onClick={onClose} aria-label="Close the panel">
          ×
        </button>
      </header>
      <div className="choices" role="group" aria-label="Clients">
        {snippets.map((snippet) => (
          <button
            key={snippet.name}
            className="button quiet"
            aria-pressed={snippet.name === name}
            onClick={() => setName(snippet.name)}
          >
            {snippet.name}
          </button>
        ))}
      </div>
      <p className="soft">{chosen.about}</p>
      <pre tabIndex={0}>{chosen.code}</pre>
      <div className="actions">
        <CopyButton text={chosen.code} label="Copy the snippet" />
        <ShareLink run={run.id} />
      </div>
    </section>
  );
}

/** A ticket opens one stream of this run once, within a minute; for longer somebody needs a key of their own. */
function ShareLink({ run }: { run: string }) {
  const { api } = useAccess();
  const [link, setLink] = useState('');
  const [problem, setProblem] = useState('');
  async function make(): Promise<void> {
    try {
      const { ticket } = await api.json<{ ticket: string }>('/v1/tickets', { method: 'POST', body: { run } });
      setLink(`${location.origin}/v1/runs/${encodeURIComponent(run)}/stream?ticket=${ticket}`);
      setProblem('');
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  }
  return (
    <span className="share">
      <button className="button" onClick={() => void make()}>
        Make a link with a ticket
      </button>
      {link !== '' && (
        <>
          <input className="field mono" readOnly value={link} aria-label="Link with a ticket" />
          <CopyButton text={link} label="Copy the link" />
          <span className="faint">opens this run’s stream once, within a minute</span>
        </>
      )}
      <span role="alert" className="problem">
        {problem}
      </span>
    </span>
  );
}
