import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { RecordedEvent } from '@runcast/run-events';
import { contextOf, decoded, recorded } from '../suite/subjects.ts';
import { lyzrWorkflow } from './lyzr-workflow.ts';
import { NO_FLOW, workflowNames, workflowRunId } from './run-names.ts';

const base = { flow_name: 'F', run_name: 'r', timestamp: 1756806125.043 };

describe('lyzr-workflow, run ids', () => {
  const name = fc.oneof(fc.string({ minLength: 1 }), fc.stringMatching(/^[%/2F5a]{1,8}$/));

  it('is never the same for two pairs of names', () => {
    fc.assert(
      fc.property(name, name, name, name, (flow, runName, otherFlow, otherName) => {
        const same = flow === otherFlow && runName === otherName;
        expect(workflowRunId({ flow, runName }) === workflowRunId({ flow: otherFlow, runName: otherName })).toBe(same);
      }),
      { numRuns: 2000 },
    );
  });

  it('can be taken apart again', () => {
    fc.assert(
      fc.property(name, name, (flow, runName) =>
        expect(workflowNames(workflowRunId({ flow, runName }))).toEqual({ flow, runName }),
      ),
    );
  });

  it('must fit into an id', () => {
    const result = lyzrWorkflow.decode(
      JSON.stringify({ ...base, event_type: 'flow_started', flow_name: '/'.repeat(60) }),
      contextOf({}),
    );
    expect(result).toMatchObject({ ok: false, problems: [{ field: 'run_name' }] });
  });

  it('comes from the path where the event does not say it, and is not mistaken for a run id', () => {
    const result = lyzrWorkflow.decode('{"event_type":"flow_started"}', contextOf({ flow: 'F', run: 'r' }));
    expect(result).toMatchObject({ event: { run: 'F/r', flow: 'F' } });
    expect(lyzrWorkflow.decode('{"event_type":"flow_started"}', contextOf({ run: 'r' }))).toMatchObject({ ok: false });
  });
});

describe('lyzr-workflow, the rest', () => {
  it('keeps milliseconds through their float seconds', () => {
    const event = decoded(
      lyzrWorkflow,
      JSON.stringify({ ...base, event_type: 'task_completed', task_name: 't', execution_time: 1.777 }),
    );
    expect(event).toMatchObject({ occurredAt: '2025-09-02T09:42:05.043000Z', data: { durationMs: 1777 } });
    expect(JSON.parse(lyzrWorkflow.encode(recorded({ ...event, dialect: 'runcast' }))[0]!.data)).toMatchObject({
      timestamp: 1756806125.043,
      execution_time: 1.777,
    });
  });

  it('keeps the free members of an error as its details', () => {
    const error = { type: 'T', message: 'm', code: 'C', threshold: 0.02 };
    const event = decoded(lyzrWorkflow, JSON.stringify({ ...base, event_type: 'flow_error', error }));
    expect(event.data).toEqual({ error: { type: 'T', message: 'm', code: 'C', details: { threshold: 0.02 } } });
  });

  it.each([undefined, null, 'text', 7, []])('never refuses the end of a flow for its error: %j', (error) => {
    expect(decoded(lyzrWorkflow, JSON.stringify({ ...base, event_type: 'flow_error', error })).type).toBe('run.failed');
  });

  it('shows a run of another dialect under one flow name, whatever its events name', () => {
    const event = decoded(lyzrWorkflow, JSON.stringify({ ...base, event_type: 'flow_started' }));
    const said = { ...recorded(event), run: 'run-1', agent: 'a', dialect: 'runcast' as const };
    const other = Object.fromEntries(
      Object.entries(said).filter(([key]) => key !== 'flow'),
    ) as unknown as RecordedEvent;
    expect(JSON.parse(lyzrWorkflow.encode(other)[0]!.data)).toMatchObject({ flow_name: NO_FLOW, run_name: 'run-1' });
  });

  it('takes no text for a time', () => {
    const result = lyzrWorkflow.decode(
      JSON.stringify({ ...base, event_type: 'flow_started', timestamp: '1756806125' }),
      contextOf(),
    );
    expect(result).toMatchObject({ ok: false, problems: [{ field: 'timestamp' }] });
  });
});
