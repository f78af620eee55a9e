import { oneLine, timestampToMs, type CanonicalEvent, type ErrorFacts, type RecordedEvent } from '@runcast/run-events';
import { asCanonical } from '../canonical.ts';
import { frameOf, type Frame } from '../dialect.ts';
import { NO_FLOW, workflowNames, type WorkflowNames } from './run-names.ts';

export function encode(event: RecordedEvent): Frame[] {
  if (event.dialect === 'lyzr-workflow') return [{ data: oneLine(event.raw) }];
  const canonical = asCanonical(event);
  const said = canonical && say(canonical);
  if (!said) return [];
  const { event_type, ...more } = said;
  const { flow: flow_name, runName: run_name } = namesOf(event);
  const timestamp = timestampToMs(event.occurredAt) / 1000;
  return [frameOf({ event_type, flow_name, run_name, timestamp, ...more })];
}

function namesOf(event: RecordedEvent): WorkflowNames {
  return workflowNames(event.run) ?? { flow: event.flow ?? NO_FLOW, runName: event.run };
}

type Said = { event_type: string } & Record<string, unknown>;

function say(event: CanonicalEvent): Said | undefined {
  switch (event.type) {
    case 'run.started':
      return { event_type: 'flow_started', message: event.data.message ?? '' };
    case 'run.completed': {
      const { output, durationMs } = event.data;
      const total_execution_time = seconds(durationMs);
      return { event_type: 'flow_completed', task_name: 'flow', total_execution_time, output: output ?? {} };
    }
    case 'run.failed':
      return { event_type: 'flow_error', error: failure(event.data.error), partial_results: event.data.partialOutput };
    case 'run.cancelled':
      return {
        event_type: 'flow_error',
        error: { type: 'Cancelled', message: event.data.reason ?? 'the run was cancelled' },
      };
    case 'run.went-stale':
      return { event_type: 'flow_error', error: { type: 'Stale', message: `no event for ${event.data.idleMs} ms` } };
    case 'step.started':
      return { event_type: 'task_started', ...task(event.data), input: event.data.input };
    case 'step.completed':
      return { event_type: 'task_completed', ...taskEnd(event.data), output: event.data.output };
    case 'step.failed': {
      const { error, partialOutput: partial_results } = event.data;
      return { event_type: 'task_failed', ...taskEnd(event.data), error: failure(error), partial_results };
    }
    default:
      return undefined;
  }
}

function task({ step: task_name, stepId: task_id }: { step: string; stepId?: string }) {
  return { task_name, task_id };
}

function taskEnd(data: { step: string; stepId?: string; durationMs?: number }) {
  return { ...task(data), execution_time: seconds(data.durationMs) };
}

/** Their error always names a type. */
function failure({ type, message, code, details }: ErrorFacts) {
  return { type: type ?? 'Error', message, code, details };
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}
