import { describe, expect, it } from '@jest/globals';
import { foldRun, type DialectName, type RunState } from '@runcast/run-events';
import { dialects } from '../list.ts';
import { decoded, fixtureTexts, recorded, subjects } from './subjects.ts';

type Row = readonly [wire: object, status: RunState['status'], about?: Partial<RunState>];

/** After each event, the status that the vendor's page gives, or that its words can only mean. */
const lifecycles: { title: string; dialect: DialectName; rows: Row[] }[] = [
  {
    title: 'agent-os, the seven types of the published table',
    dialect: 'agent-os',
    rows: [
      [
        sdk('run_start', { framework: 'langgraph', input: { query: 'Weather?' } }),
        'running',
        { framework: 'langgraph' },
      ],
      [sdk('step', { node_name: 'search', phase: 'start' }), 'running'],
      [sdk('step', { node: 'search', phase: 'end', duration_ms: 890 }), 'running', { steps: { started: 1, ended: 1 } }],
      [sdk('tool_call', { tool_name: 'web', phase: 'end' }), 'running', { toolCalls: { started: 0, ended: 1 } }],
      [sdk('human_input_requested', { question: 'Deploy?' }), 'waiting_for_input', { question: 'Deploy?' }],
      [sdk('human_input_received', { response: 'yes' }), 'running', { question: undefined }],
      [
        sdk('run_end', { output: 'ok', total_tokens: 195, cost_usd: 0.0023, model: 'gpt-4' }),
        'success',
        { model: 'gpt-4' },
      ],
      [sdk('error', { error_message: 'late' }), 'success', { errorCount: 0 }],
      [sdk('run_start', {}), 'running', { attempt: 2 }],
      [
        sdk('error', { error_type: 'ValueError', error_message: 'limit' }),
        'error',
        { error: { type: 'ValueError', message: 'limit' } },
      ],
      [sdk('run_end', {}), 'error'],
    ],
  },
  {
    title: 'agent-os, an unknown run',
    dialect: 'agent-os',
    rows: [
      [sdk('step', { node_name: 'search' }), 'running', { startSeen: false }],
      [sdk('error', {}), 'error', { error: { message: 'error' } }],
    ],
  },
  {
    title: 'lyzr-agent, a failed model call does not end the run',
    dialect: 'lyzr-agent',
    rows: [
      [lyzr('agent_process_start', 'in_progress'), 'running'],
      [lyzr('llm_generation', 'failed', { level: 'ERROR', message: 'quota' }), 'running', { errorCount: 1 }],
      [lyzr('llm_generation', 'completed'), 'running', { llmCalls: { started: 0, ended: 2 } }],
      [lyzr('human_intervention_requested', 'in_progress', { message: 'Send?' }), 'waiting_for_input'],
      [lyzr('kb_documents_retrieved', 'failed', { level: 'ERROR' }), 'waiting_for_input'],
      [lyzr('process_complete', 'completed'), 'success'],
    ],
  },
  {
    title: 'lyzr-agent, a failed process does',
    dialect: 'lyzr-agent',
    rows: [
      [lyzr('agent_process_end', 'failed', { message: 'no credits' }), 'error', { error: { message: 'no credits' } }],
    ],
  },
  {
    title: 'lyzr-workflow, a failed task does not end the flow',
    dialect: 'lyzr-workflow',
    rows: [
      [flow('flow_started', { message: 'go' }), 'running', { run: 'F/r', flow: 'F' }],
      [flow('task_failed', { task_name: 'a', error: { message: 'x' } }), 'running', { errorCount: 1 }],
      [flow('flow_completed', { output: {} }), 'success'],
      [flow('flow_error', { error: { type: 'T', message: 'late' } }), 'success'],
    ],
  },
  { title: 'lyzr-workflow, a flow error does', dialect: 'lyzr-workflow', rows: [[flow('flow_error', {}), 'error']] },
  {
    title: 'zihin live',
    dialect: 'zihin',
    rows: [
      [{ event: 'session:start', executionId: 'x', data: { agentId: 'a' } }, 'running', { agent: 'a' }],
      [{ event: 'session:linked', executionId: 'x', data: { sessionId: 's' } }, 'running', { session: 's' }],
      [{ event: 'session:tool', executionId: 'x', data: { tool: 't', success: false } }, 'running', { errorCount: 1 }],
      [{ event: 'session:complete', executionId: 'x', data: { contentPreview: 'ok' } }, 'success', { output: 'ok' }],
      [
        {
          event: 'snapshot',
          data: { executionId: 'x', phase: null, agentId: null, startedAt: '2026-01-13T19:00:00Z' },
        },
        'success',
      ],
    ],
  },
  {
    title: 'zihin stream, whose end is [DONE]',
    dialect: 'zihin',
    rows: [
      [
        { event: 'metadata', data: { request_id: 'x', agent_id: 'a', session_id: null } },
        'running',
        { agent: 'a', run: 'x' },
      ],
      [{ event: 'response', data: { content: 'ok' }, request_id: 'x' }, 'running', { output: 'ok' }],
      [
        { event: 'metrics', data: { usage: { total_tokens: 350 } }, request_id: 'x' },
        'running',
        { usageReported: true },
      ],
      [{ data: '[DONE]', request_id: 'x' }, 'success', { output: 'ok' }],
    ],
  },
  {
    title: 'zihin stream, whose [DONE] after an error changes nothing',
    dialect: 'zihin',
    rows: [
      [{ event: 'error', data: { code: 'STREAM_ERROR', message: 'm' }, request_id: 'x' }, 'error'],
      [{ data: '[DONE]', request_id: 'x' }, 'error', { error: { code: 'STREAM_ERROR', message: 'm' } }],
    ],
  },
  {
    title: 'vectara, where the session is the run',
    dialect: 'vectara',
    rows: [
      [{ type: 'input_message', session_key: 'ase_1', messages: [] }, 'running', { session: 'ase_1' }],
      [{ type: 'tool_output', session_key: 'ase_1', tool_name: 't', error: true }, 'running', { errorCount: 1 }],
      [{ type: 'agent_output', session_key: 'ase_1', content: 'ok' }, 'running', { output: 'ok' }],
      [{ type: 'end', session_key: 'ase_1' }, 'success'],
    ],
  },
  {
    title: 'vectara, interrupted',
    dialect: 'vectara',
    rows: [[{ type: 'session_interrupted', session_key: 'ase_1' }, 'error', { statusReason: 'cancelled' }]],
  },
  {
    title: 'ag-ui',
    dialect: 'ag-ui',
    rows: [
      [{ type: 'RUN_STARTED', threadId: 't', runId: 'run-1' }, 'running', { session: 't' }],
      [{ type: 'STEP_STARTED', stepName: 's' }, 'running', { steps: { started: 1, ended: 0 } }],
      [{ type: 'RUN_FINISHED', threadId: 't', runId: 'run-1', result: 1 }, 'success', { output: 1 }],
    ],
  },
  { title: 'ag-ui, failed', dialect: 'ag-ui', rows: [[{ type: 'RUN_ERROR', message: 'm' }, 'error']] },
  {
    title: 'runcast',
    dialect: 'runcast',
    rows: [
      [{ type: 'run.started', run: 'run-1' }, 'running'],
      [{ type: 'run.went-stale', run: 'run-1', data: { idleMs: 60_000 } }, 'error', { statusReason: 'stale' }],
      [{ type: 'run.heartbeat', run: 'run-1' }, 'running', { statusReason: undefined }],
      [{ type: 'billing.checked', run: 'run-1' }, 'running'],
      [{ type: 'run.cancelled', run: 'run-1' }, 'error', { statusReason: 'cancelled' }],
    ],
  },
];

describe.each(lifecycles)('$title', ({ dialect, rows }) => {
  it('has the right status after every event', () => {
    let state: RunState | undefined;
    rows.forEach(([wire, status, about = {}], index) => {
      state = foldRun(state, recorded(decoded(dialects[dialect], JSON.stringify(wire)), index + 1));
      expect([index, state]).toEqual([index, expect.objectContaining({ status, ...about })]);
    });
  });
});

describe('the published examples', () => {
  it.each([
    ['agent-os', 'success'],
    ['lyzr-agent', 'success'],
    ['zihin stream', 'success'],
  ] as const)('of %s end as %s', (title, status) => {
    const subject = subjects.find((each) => each.title === title)!;
    const states = fixtureTexts(subject).reduce<RunState | undefined>(
      (state, wire, index) => foldRun(state, recorded(decoded(subject.dialect, wire), index + 1)),
      undefined,
    );
    expect(states?.status).toBe(status);
  });
});

function sdk(event_type: string, payload: object): object {
  return { event_type, sdk_run_id: 'run_a1b2c3', payload };
}

function lyzr(event_type: string, status: string, more: object = {}): object {
  return { event_type, status, level: 'INFO', message: '', run_id: 'r', session_id: 's', ...more };
}

function flow(event_type: string, more: object): object {
  return { event_type, flow_name: 'F', run_name: 'r', timestamp: 1756806125.043, ...more };
}
