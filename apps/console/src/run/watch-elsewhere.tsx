import { useState } from 'react';
import { useAccess } from '../access/access.tsx';
import type { RunBody } from '../api/types.ts';
import { CopyButton } from '../events/event-detail.tsx';
import { sharedLink } from '../shared/shared-link.ts';
import { snippetsFor, type SnippetPlace } from './snippets.ts';

const PLACES: Readonly<Record<SnippetPlace, string>> = {
  shell: 'With an API key as $KEY.',
  node: 'A file for Node 22 or newer, with an API key as KEY in its environment.',
  page: 'The key stays in the back end.',
};

/** Ways to watch this run from elsewhere, ready to be copied, and a link that shows it to somebody without a key. */
export function WatchElsewhere({ run, onClose }: { run: RunBody; onClose: () => void }) {
  const snippets = snippetsFor({ origin: location.origin, run: run.id, session: run.session, agent: run.agent });
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
      <p className="soft">
        {chosen.about} <span className="faint">{PLACES[chosen.place]}</span>
      </p>
      <pre tabIndex={0} data-place={chosen.place}>
        {chosen.code}
      </pre>
      <div className="actions">
        <CopyButton text={chosen.code} label="Copy the snippet" />
        <ShareLink run={run.id} />
      </div>
    </section>
  );
}

/** Shows this page, read only, to somebody without a key: opened once within a minute, it lives for an hour. */
function ShareLink({ run }: { run: string }) {
  const { api } = useAccess();
  const [link, setLink] = useState('');
  const [problem, setProblem] = useState('');
  async function make(): Promise<void> {
    try {
      const { ticket } = await api.json<{ ticket: string }>('/v1/tickets', { method: 'POST', body: { run } });
      setLink(sharedLink(location.origin, run, ticket));
      setProblem('');
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  }
  return (
    <span className="share">
      <button className="button" onClick={() => void make()}>
        Share a link
      </button>
      {link !== '' && (
        <>
          <input className="field mono" readOnly value={link} aria-label="Link to this run" />
          <CopyButton text={link} label="Copy the link" />
          <span className="faint">opens once, within a minute; then shows this run for an hour, without a key</span>
        </>
      )}
      <span role="alert" className="problem">
        {problem}
      </span>
    </span>
  );
}
