import { randomUUID } from 'node:crypto';
import type { AgentCommand, AgentCommands, SendOutcome, WorkflowQueue } from '@runcast/agent-commands';
import { getRun, type Database } from '@runcast/read-models';
import { isOver, type JsonObject, type Position, type RunState } from '@runcast/run-events';
import { currentTraceparent, Problem, requireWithin, type Principal, type RedactorOf } from '@runcast/service-host';
import type { FeedMetrics } from '../stream/feed-metrics.ts';
import type { Feeds } from '../stream/feeds.ts';
import type { FeedRequest, OpenFeed } from '../stream/serve-feed.ts';
import type { LostWorkers } from './lost-workers.ts';
import type { Recorder } from './recorder.ts';

/** What is asked of an agent. The run's id is new unless told. */
export type RunRequest = Omit<AgentCommand, 'id' | 'run'> & { readonly run?: string };

/** How the events of the run that is about to begin are wanted. */
export type AnswerRequest = Pick<FeedRequest, 'dialect' | 'openWriter' | 'token' | 'viewer'>;

/** A run that somebody has taken, and its feed. */
export interface Accepted {
  readonly outcome: 'accepted';
  readonly run: string;
  readonly feed: OpenFeed;
  readonly request: FeedRequest;
}

export type Started = Accepted | { readonly outcome: Exclude<SendOutcome, 'accepted'> };

export interface AgentRunsParts {
  readonly commands: AgentCommands;
  readonly queue: WorkflowQueue;
  readonly recorder: Recorder;
  readonly lostWorkers: LostWorkers;
  readonly feeds: Feeds;
  readonly database: Database;
  readonly metrics: FeedMetrics;
  readonly redactorOf: RedactorOf;
}

/** Runs that clients of this gateway start and cancel. */
export class AgentRuns {
  constructor(private readonly parts: AgentRunsParts) {}

  /**
   * Asks whoever serves the agent to run it. When somebody does, the feed of the run is open, and the caller serves it or
   * releases its lease. It is opened first: while the log cannot be read, nothing is started that nobody could watch.
   */
  async start({ run = randomUUID(), ...asked }: RunRequest, answer: AnswerRequest): Promise<Started> {
    requireWithin(answer.viewer, asked);
    const key = { kind: 'run', tenant: asked.tenant, run } as const;
    const request: FeedRequest = { key, filter: {}, follow: false, ...answer };
    const feed = await this.parts.feeds.open(request);
    const { outcome, beatMs } = await this.parts.commands.send({
      ...asked,
      run,
      id: randomUUID(),
      traceparent: currentTraceparent(),
    });
    this.parts.metrics.commanded(outcome);
    if (beatMs !== undefined) this.parts.lostWorkers.watch({ tenant: asked.tenant, agent: asked.agent, run, beatMs });
    if (outcome === 'accepted') return { outcome, run, feed, request };
    feed.lease.release();
    return { outcome };
  }

  /** Stores the command for a workflow; resolves to where its request stands in the run. */
  async enqueue(asked: RunRequest & { readonly run: string }, caller: Principal): Promise<Position> {
    requireWithin(caller, asked);
    const id = randomUUID();
    const { tenant, run, flow } = asked;
    const hints = { run, ...(flow !== undefined && { flow }) };
    // First the log: of a command without its request nobody could say which attempt of the run it began.
    const body = { type: 'lyzr-workflow.requested', data: {} };
    const position = await this.parts.recorder.record({ tenant, dialect: 'runcast', body, id, hints });
    await this.parts.queue.add({ ...this.withoutSecrets(asked), id, traceparent: currentTraceparent() });
    return position;
  }

  /** The queue is on disk like the log, so it must not hold what the log must not hold. */
  private withoutSecrets<T extends RunRequest>(asked: T): T {
    const redactor = this.parts.redactorOf(asked.tenant);
    const input = JSON.parse(redactor.json(JSON.stringify(asked.input)).text) as T['input'];
    return { ...asked, message: redactor.text(asked.message), input };
  }

  /** The truth first, then the worker: it may be gone, and must not be waited for. Resolves to the state before. */
  async cancel(caller: Principal, run: string, reason: string): Promise<RunState | undefined> {
    const { tenant } = caller;
    const state = await getRun(this.parts.database, { tenant, run });
    if (state !== undefined) requireWithin(caller, state);
    if (state === undefined || isOver(state.status)) return state;
    const body: JsonObject = { type: 'run.cancelled', data: { reason } };
    // Cancelled twice, an attempt is cancelled once.
    const id = `cancelled.${state.attempt}`;
    await this.parts.recorder.record({ tenant, dialect: 'runcast', body, id, hints: { run } });
    this.parts.commands.cancel(tenant, run, reason);
    return state;
  }
}

/** The answer to a command that nobody has taken, where its vendor has no words of its own. */
export function notStarted(outcome: Exclude<SendOutcome, 'accepted'>): Problem {
  switch (outcome) {
    case 'no-agent':
      return new Problem('not_found', { detail: 'Nobody serves an agent with this id.' });
    case 'busy':
      return new Problem('overloaded', { detail: 'All who serve this agent are busy.', retryAfterSeconds: 2 });
    case 'unknown':
      return new Problem('unavailable', {
        detail: 'Whoever serves this agent does not answer. The run may have begun all the same.',
        retryAfterSeconds: 5,
      });
  }
}
