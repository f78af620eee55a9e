import { randomUUID } from 'node:crypto';
import { Controller, Get, HttpCode, Post, Req } from '@nestjs/common';
import { workflowRunId } from '@runcast/dialects';
import { getRun, listRunEvents } from '@runcast/read-models';
import { isJsonObject, isOver, type JsonObject, type RunState } from '@runcast/run-events';
import { principalOf, Problem, Requires } from '@runcast/service-host';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { PageKeys } from '../../rest/page-keys.ts';
import { Reads } from '../../rest/reads.ts';
import { requireId } from '../../stream/feed-request.ts';
import { AgentRuns } from '../agent-runs.ts';
import { id } from '../fields.ts';
import { readBody } from '../read-body.ts';
import { TaskIds, type Task } from './task-ids.ts';

const flow = z.looseObject({ flow_name: id, run_name: id.nullish() });
/** Their page wraps the flow, their server is said to take it bare: both are taken. */
export const body = z.union([z.looseObject({ flow_data: flow }), flow], 'flow_name, bare or in flow_data');

const MAX_BODY_BYTES = 1024 * 1024 - 64 * 1024;
const MAX_STEPS = 1_000;

/** Lyzr workflows: stored until somebody runs them, asked about by a task id. */
@Controller()
export class WorkflowsController {
  private readonly taskIds: TaskIds;

  constructor(
    private readonly runs: AgentRuns,
    private readonly reads: Reads,
    pageKeys: PageKeys,
  ) {
    this.taskIds = new TaskIds(pageKeys);
  }

  @Post('run-dag')
  @HttpCode(200)
  @Requires('invoke', { bodyLimitBytes: MAX_BODY_BYTES })
  async run(@Req() request: FastifyRequest) {
    const caller = principalOf(request);
    const { tenant } = caller;
    const { value, all } = readBody(request, body);
    const { flow_name, run_name } = 'flow_data' in value ? (value.flow_data as z.output<typeof flow>) : value;
    const runName = run_name ?? randomUUID();
    const run = requireId('flow_name and run_name together', workflowRunId({ flow: flow_name, runName }));
    const asked = { tenant, agent: flow_name, flow: flow_name, run, dialect: 'lyzr-workflow', message: '' } as const;
    const { sequence } = await this.runs.enqueue({ ...asked, input: all }, caller);
    const task_id = this.taskIds.seal(tenant, { run, requestedAt: sequence });
    return { status: 'processing', task_id, flow_name, run_name: runName };
  }

  @Get('task-status/:taskId')
  @Requires('read')
  async status(@Req() request: FastifyRequest<{ Params: { taskId: string } }>) {
    const { tenant } = principalOf(request);
    const task_id = request.params.taskId;
    const task = this.taskIds.open(tenant, task_id);
    if (task === undefined) throw new Problem('not_found', { detail: 'Task not found' });
    const state = await getRun(this.reads.database, { tenant, run: task.run });
    if (state === undefined || !isOver(state.status) || !(await this.hasBegun(tenant, task))) {
      return { status: 'processing', task_id };
    }
    if (state.status === 'success') return { status: 'completed', task_id, results: await this.results(state, task) };
    return { status: 'failed', task_id, error: state.error ?? { message: `the run was ${state.statusReason}` } };
  }

  /** Until its own attempt has begun, the run shows how the one before it ended. */
  private async hasBegun(tenant: string, { run, requestedAt }: Task): Promise<boolean> {
    const page = { after: requestedAt, limit: 1 };
    const signs = ['run.started', 'run.completed', 'run.failed', 'run.cancelled'];
    const { items } = await listRunEvents(this.reads.database, { tenant, run, types: signs, ...page });
    return items.length > 0;
  }

  /** By node: what the flow itself put together, else what its steps gave. */
  private async results({ tenant, run, output }: RunState, { requestedAt }: Task): Promise<JsonObject> {
    if (isJsonObject(output)) return output;
    const steps = { types: ['step.completed'], after: requestedAt, limit: MAX_STEPS };
    const { items } = await listRunEvents(this.reads.database, { tenant, run, ...steps });
    return Object.fromEntries(items.map(({ data }) => [data['step'] as string, data['output'] ?? null]));
  }
}
