import { useState, type FormEvent } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useAccess } from '../access/access.tsx';
import type { InputBody } from '../api/types.ts';
import { formatAge, formatMoment } from '../format/format.ts';
import { readable } from '../events/readable.ts';
import { useNow } from '../shell/use-now.ts';
import './inbox.css';

const NAME = 'runcast.name';

/** The open question of a run and the place to answer it. `version` changes when the run has said something new. */
export function AnswerBox({ run, version = 0 }: { run: string; version?: number }) {
  const { api } = useAccess();
  const path = `/v1/runs/${encodeURIComponent(run)}/input`;
  const input = useQuery({
    queryKey: ['input', run, version],
    queryFn: ({ signal }) => api.json<InputBody>(path, { signal }),
  });
  const { question } = input.data ?? {};
  if (!input.data?.waiting || question === undefined) return null;
  return <Answer key={question.position} run={run} path={path} question={question} />;
}

interface AnswerProps {
  readonly run: string;
  readonly path: string;
  readonly question: NonNullable<InputBody['question']>;
}

function Answer({ run, path, question }: AnswerProps) {
  const { api } = useAccess();
  const queries = useQueryClient();
  const now = useNow(1_000);
  const [text, setText] = useState('');
  const [name, setName] = useState(localStorage.getItem(NAME) ?? '');
  const [told, setTold] = useState('');
  const [isSending, setSending] = useState(false);

  async function send(response: unknown): Promise<void> {
    setSending(true);
    setTold('');
    localStorage.setItem(NAME, name);
    try {
      const body = { response, question: question.position, ...(name.trim() && { responded_by: name.trim() }) };
      await api.json(path, { method: 'POST', body });
      setTold('Answered. The run goes on.');
      void queries.invalidateQueries({ queryKey: ['input', run] });
      void queries.invalidateQueries({ queryKey: ['runs'] });
    } catch (error) {
      setTold(error instanceof Error ? error.message : String(error));
    }
    setSending(false);
  }
  const decide = (approved: boolean) => void send({ approved, ...(text.trim() && { note: text.trim() }) });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void send(text.trim());
  };
  return (
    <form className="answer-box" onSubmit={submit} aria-label={`Question of ${run}`}>
      <p className="question">{question.question}</p>
      <p className="faint">
        asked {ago(Date.parse(question.asked_at), now)}
        {question.expires_at !== undefined && `, open until ${formatMoment(Date.parse(question.expires_at))}`}
      </p>
      {question.context !== undefined && question.context !== null && (
        <pre tabIndex={0}>{readable(question.context)}</pre>
      )}
      <div className="fields">
        <label>
          Your answer
          <textarea
            className="field"
            rows={2}
            value={text}
            onChange={({ target }) => setText(target.value)}
            placeholder="A text, or a note beside a yes or a no"
          />
        </label>
        <label>
          Your name
          <input className="field" value={name} onChange={({ target }) => setName(target.value)} maxLength={100} />
        </label>
      </div>
      <div className="actions">
        <button type="button" className="button primary" disabled={isSending} onClick={() => decide(true)}>
          Approve
        </button>
        <button type="button" className="button" disabled={isSending} onClick={() => decide(false)}>
          Reject
        </button>
        <button className="button" disabled={isSending || text.trim() === ''}>
          Send the text
        </button>
        <span role="status">{told}</span>
      </div>
    </form>
  );
}

function ago(thenMs: number, nowMs: number): string {
  const age = formatAge(thenMs, nowMs);
  return age === 'now' ? 'just now' : `${age} ago`;
}
