import { useEffect, useState } from 'react';
import { Link, useNavigate } from '@tanstack/react-router';
import { readRunFilter, STATUSES, type RunFilter } from './run-filter.ts';
import { StatusSparkline } from './status-sparkline.tsx';
import { STATUS_WORDS } from './status.tsx';

const TYPING_MS = 200;

/** Narrows the run list down: by status, by text, by agent or session. */
export function Filters({ filter }: { filter: RunFilter }) {
  return (
    <div className="filters">
      <div role="group" aria-label="Status" className="statuses">
        <StatusLink filter={filter} />
        {STATUSES.map((status) => (
          <StatusLink key={status} filter={filter} status={status} />
        ))}
      </div>
      <Search filter={filter} />
      <Narrowed filter={filter} name="agent" />
      <Narrowed filter={filter} name="session" />
      <StatusSparkline />
    </div>
  );
}

function StatusLink({ filter, status }: { filter: RunFilter; status?: RunFilter['status'] }) {
  const { status: current, ...rest } = filter;
  return (
    <Link
      to="/"
      search={status ? { ...rest, status } : rest}
      className="button quiet"
      aria-current={undefined}
      aria-pressed={current === status}
      role="button"
    >
      {status ? STATUS_WORDS[status] : 'all'}
    </Link>
  );
}

function Search({ filter }: { filter: RunFilter }) {
  const [text, setText] = useState(filter.q ?? '');
  const navigate = useNavigate();
  useEffect(() => {
    const wanted = text.trim();
    if (wanted === (filter.q ?? '')) return;
    const search = readRunFilter({ ...filter, q: wanted });
    const timer = setTimeout(() => void navigate({ to: '/', search, replace: true }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, filter, navigate]);
  return (
    <input
      type="search"
      className="field"
      aria-label="Search runs"
      placeholder="Search runs  /"
      value={text}
      onChange={(event) => setText(event.target.value)}
    />
  );
}

/** A filter that is set by following a link, and taken away here. */
function Narrowed({ filter, name }: { filter: RunFilter; name: 'agent' | 'session' }) {
  if (filter[name] === undefined) return null;
  const { [name]: value, ...rest } = filter;
  return (
    <Link to="/" search={rest} className="button" title={`Show every ${name}`}>
      {name} <span className="mono">{value}</span> <span aria-hidden="true">×</span>
      <span className="spoken">remove this filter</span>
    </Link>
  );
}
