import { isDeepStrictEqual } from 'node:util';
import { Controller, Get, HttpCode, Post, Req } from '@nestjs/common';
import { getNewestQuestion, getRun, type NewestQuestion } from '@runcast/read-models';
import {
  formatPosition,
  type EventData,
  type JsonObject,
  type Position,
  type RecordedEvent,
} from '@runcast/run-events';
import { principalOf, Problem, Requires } from '@runcast/service-host';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { requireId } from '../stream/feed-request.ts';
import { queryOf } from '../stream/http-facts.ts';
import { filledText, id } from '../vendors/fields.ts';
import { Feeds } from '../stream/feeds.ts';
import { readBody } from '../vendors/read-body.ts';
import { Recorder } from '../vendors/recorder.ts';
import { QueryReader } from './query-reader.ts';
import { notFound, Reads } from './reads.ts';

type RunRequest = FastifyRequest<{ Params: { run: string } }>;

/** The body of an answer. */
export const answerSchema = z.object({
  response: z.unknown().refine((value) => value !== undefined, 'the answer, any JSON value'),
  responded_by: id.optional(),
  question: filledText.optional(),
});

/** The answers that people give to runs that wait for them. */
@Controller('v1/runs/:run/input')
export class HumanInputController {
  constructor(
    private readonly reads: Reads,
    private readonly recorder: Recorder,
    private readonly feeds: Feeds,
  ) {}

  @Get()
  @Requires('read', { limited: true })
  async read(@Req() request: RunRequest) {
    const { tenant } = principalOf(request);
    const run = requireId('run id', request.params.run);
    await this.reads.wait(new QueryReader(queryOf(request)));
    await this.feeds.requireViewable(principalOf(request), { kind: 'run', tenant, run });
    const state = await getRun(this.reads.database, { tenant, run });
    if (state === undefined) throw notFound('run');
    const newest = await getNewestQuestion(this.reads.database, { tenant, run });
    return {
      waiting: state.status === 'waiting_for_input',
      ...(newest && { question: questionBody(newest.asked) }),
      ...(newest?.answered && { answer: answerBody(newest.answered) }),
    };
  }

  /**
   * The first answer to a question wins, on whichever replica it arrives: its event is named after the question, and of two
   * events with one name the log takes the first. The event is the audit: who, through which key, when, what.
   */
  @Post()
  @HttpCode(202)
  @Requires('invoke', { limited: true })
  async answer(@Req() request: RunRequest) {
    const { tenant, keyId } = principalOf(request);
    const run = requireId('run id', request.params.run);
    const { value, all } = readBody(request, answerSchema);
    await this.feeds.requireViewable(principalOf(request), { kind: 'run', tenant, run });
    // The tables may not know the question yet that somebody saw in a feed.
    await this.reads.waitFor(value.question);
    const newest = await this.question({ tenant, run }, value.question);
    const { requestId } = newest.asked.data as EventData['human-input.requested'];
    const data: JsonObject = {
      response: all['response']!,
      ...(value.responded_by !== undefined && { respondedBy: value.responded_by }),
      ...(requestId !== undefined && { requestId }),
      keyId,
    };
    if (newest.answered) return accepted(run, repeated(newest.answered, data), true);
    const meanwhile = await this.requireOpen({ tenant, run }, newest.asked);
    if (meanwhile) return accepted(run, repeated(meanwhile, data), true);
    const { epoch, sequence } = newest.asked.position;
    const { outcome, position } = await this.recorder.recordOnce({
      tenant,
      dialect: 'runcast',
      body: { type: 'human-input.received', data },
      id: `input.${epoch}.${sequence}`,
      hints: { run },
    });
    if (outcome === 'conflict') throw notWaiting('Somebody else was first.');
    return accepted(run, position, outcome === 'duplicate');
  }

  private async question(key: RunKey, wanted: string | undefined): Promise<NewestQuestion> {
    const newest = await getNewestQuestion(this.reads.database, key);
    if (newest === undefined) {
      if ((await getRun(this.reads.database, key)) === undefined) throw notFound('run');
      throw notWaiting('The run has asked nothing.');
    }
    const isOther = wanted !== undefined && formatPosition(newest.asked.position) !== wanted;
    if (isOther) throw notWaiting('The run asks another question by now.');
    return newest;
  }

  /** @returns the answer that reached the tables between the two questions to them, if one did. */
  private async requireOpen(key: RunKey, asked: RecordedEvent): Promise<RecordedEvent | undefined> {
    const state = await getRun(this.reads.database, key);
    if (state?.status !== 'waiting_for_input') {
      const { answered } = await this.question(key, formatPosition(asked.position));
      if (answered) return answered;
      throw notWaiting(`The run waits no longer: it is ${state?.status}.`);
    }
    const { expiresAt } = asked.data as EventData['human-input.requested'];
    if (expiresAt !== undefined && Date.parse(expiresAt) <= Date.now()) {
      throw new Problem('gone', { detail: `The question could be answered until ${expiresAt}.` });
    }
    return undefined;
  }
}

interface RunKey {
  readonly tenant: string;
  readonly run: string;
}

/**
 * Where the answer stands that this one repeats. Compared here and not by the log, which remembers ids for minutes only: a
 * later answer under the same name would be stored once more, and every feed would show two.
 */
function repeated({ data: known, position }: RecordedEvent, data: JsonObject): Position {
  if (isDeepStrictEqual(known, data)) return position;
  throw notWaiting('The question has been answered.');
}

function accepted(run: string, position: Position, duplicate: boolean) {
  return { accepted: true, run_id: run, position: formatPosition(position), duplicate };
}

function notWaiting(detail: string): Problem {
  return new Problem('not_waiting', { detail });
}

function questionBody({ id: eventId, position, occurredAt, data }: RecordedEvent) {
  const { question, context, channel, requestId, expiresAt } = data as EventData['human-input.requested'];
  return {
    id: eventId,
    position: formatPosition(position),
    asked_at: occurredAt,
    question,
    context,
    channel,
    request_id: requestId,
    expires_at: expiresAt,
  };
}

function answerBody({ id: eventId, position, receivedAt, data }: RecordedEvent) {
  const { response, respondedBy, keyId } = data as EventData['human-input.received'];
  return {
    id: eventId,
    position: formatPosition(position),
    answered_at: receivedAt,
    response,
    responded_by: respondedBy,
    key_id: keyId,
  };
}
