import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useAccess } from '../access/access.tsx';
import type { AgentsBody } from '../api/types.ts';
import { formatAge, formatCost, formatCount, formatDuration } from '../format/format.ts';
import { STATUSES } from '../runs/run-filter.ts';
import { STATUS_WORDS } from '../runs/status.tsx';
import { Failure, Notice } from '../shell/notice.tsx';
import { useNow } from '../shell/use-now.ts';
import './agents.css';

/** Who runs here, and how it went lately. */
export function Agents() {
  const { api } = useAccess();
  const now = useNow(5_000);
  const query = useQuery({
    queryKey: ['summed', 'agents'],
    queryFn: ({ signal }) => api.json<AgentsBody>('/v1/agents?limit=100', { signal }),
  });
  if (query.isError) return <Failure error={query.error} retry={() => void query.refetch()} />;
  if (query.isPending) return <p className="loading faint">Reading the agents …</p>;
  if (query.data.agents.length === 0) return <Notice title="No agent has run yet" />;
  return (
    <div className="agents">
      <h1>Agents</h1>
      <table>
        <thead>
          <tr>
            <th scope="col">Agent</th>
            <th scope="col" className="number">
              Runs
            </th>
            {STATUSES.map((status) => (
              <th key={status} scope="col" className="number status-name">
                {STATUS_WORDS[status]}
              </th>
            ))}
            <th scope="col" className="number wide">
              Median
            </th>
            <th scope="col" className="number wide">
              Tokens
            </th>
            <th scope="col" className="number wide">
              Cost
            </th>
            <th scope="col" className="number">
              Last seen
            </th>
          </tr>
        </thead>
        <tbody>
          {query.data.agents.map((agent) => (
            <tr key={agent.id}>
              <th scope="row">
                <Link to="/" search={{ agent: agent.id }}>
                  {agent.id}
                </Link>
              </th>
              <td className="number">{formatCount(agent.run_count)}</td>
              {STATUSES.map((status) => (
                <td key={status} className={`number status-${status}`}>
                  {agent.by_status[status] === 0 ? (
                    <span className="faint">0</span>
                  ) : (
                    <Link to="/" search={{ agent: agent.id, status }}>
                      {formatCount(agent.by_status[status])}
                    </Link>
                  )}
                </td>
              ))}
              <td className="number wide">
                {agent.median_duration_ms === undefined ? '–' : formatDuration(agent.median_duration_ms)}
              </td>
              <td className="number wide">{agent.total_tokens === 0 ? '–' : formatCount(agent.total_tokens)}</td>
              <td className="number wide">{formatCost(agent.cost_usd)}</td>
              <td className="number faint">{formatAge(Date.parse(agent.last_event_at), now)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="faint">Of each agent’s newest 500 runs.</p>
    </div>
  );
}
