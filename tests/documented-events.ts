/**
 * The example event of each type on the agent-os page "Event Types" (read 2026-11), and the status that its table gives
 * for the run afterwards. `unchanged` types keep the status before.
 */
export const DOCUMENTED_EVENTS = [
  {
    statusAfter: 'running',
    event: {
      event_type: 'run_start',
      sdk_run_id: 'run_a1b2c3',
      agent_name: 'research-agent',
      payload: { framework: 'langgraph', input: { query: 'What is the weather in Zurich?' } },
    },
  },
  {
    statusAfter: 'running',
    event: {
      event_type: 'step',
      sdk_run_id: 'run_a1b2c3',
      payload: { node_name: 'search_web', phase: 'end', duration_ms: 890, output: { results: ['...'] } },
    },
  },
  {
    statusAfter: 'running',
    event: {
      event_type: 'tool_call',
      sdk_run_id: 'run_a1b2c3',
      payload: {
        tool_name: 'web_search',
        phase: 'end',
        input_preview: 'Zurich weather today',
        output_preview: '12°C, cloudy in Zurich',
        duration_ms: 740,
      },
    },
  },
  {
    statusAfter: 'waiting_for_input',
    event: {
      event_type: 'human_input_requested',
      sdk_run_id: 'run_a1b2c3',
      payload: {
        question: 'Should we deploy to production?',
        context: { target: 'prod', changes: 5 },
        channel: 'slack',
      },
    },
  },
  {
    statusAfter: 'running',
    event: {
      event_type: 'human_input_received',
      sdk_run_id: 'run_a1b2c3',
      payload: { response: 'yes', responded_by: 'tobias' },
    },
  },
  {
    statusAfter: 'success',
    event: {
      event_type: 'run_end',
      sdk_run_id: 'run_a1b2c3',
      payload: {
        output: { answer: 'It is 12°C and cloudy.' },
        prompt_tokens: 150,
        completion_tokens: 45,
        total_tokens: 195,
        cost_usd: 0.0023,
        model: 'gpt-4',
      },
    },
  },
] as const;

/** The seventh type ends a run of its own: after run_end nothing changes any more. */
export const DOCUMENTED_FAILURE = {
  event_type: 'error',
  sdk_run_id: 'run_failing',
  payload: {
    error_type: 'ValueError',
    error_message: 'API rate limit exceeded',
    traceback: 'Traceback (most recent call last):\n ...',
  },
} as const;
