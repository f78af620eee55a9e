import { randomUUID } from 'node:crypto';
import type { Answering, Messaging, Question } from '@runcast/agent-commands';
import {
  inSpan,
  Problem,
  problemBody,
  rateLimited,
  SpanKind,
  toProblem,
  TRACEPARENT,
  type AnswerMetrics,
  type LeasedBuckets,
  type Logger,
} from '@runcast/service-host';
import { acceptedBody, isAccepted, resultBody } from '../event-result.ts';
import type { Intake } from '../intake.ts';
import { explainLogError, problemOf } from '../problems.ts';
import { readMessage, readSubject } from './read-message.ts';

export interface NatsIntakeParts {
  readonly messaging: Messaging;
  readonly intake: Intake;
  /** How much a tenant may send; the same buckets as HTTP's. */
  readonly perTenant: LeasedBuckets;
  readonly logger: Logger;
  readonly answers?: AnswerMetrics;
}

/** Messages under way in this process: 256 of the largest (1 MiB) still fit its memory. */
export const MAX_UNDER_WAY = 256;

/**
 * Takes events over NATS request/reply on `runcast.ingest.<tenant>.<dialect>`: the same events, the same answers and the same
 * promises as `POST /v1/events`, in plain JSON. Every gateway listens, one of them gets each message. A message that
 * wants no answer is taken too, and whoever sends it never learns what became of it.
 */
export function startNatsIntake(
  { messaging, intake, perTenant, logger, answers }: NatsIntakeParts,
  limit = MAX_UNDER_WAY,
): Answering {
  const refuse = (problem: Problem, requestId: string): object => {
    answers?.refused('nats', problem.code);
    return refusal(problem, requestId);
  };
  const limits = {
    subject: messaging.subjects.everyIngest,
    queue: 'ingest-gateways',
    maxUnderWay: limit,
    overloaded: () => refuse(OVERLOADED, randomUUID()),
  };
  return messaging.answer(limits, async (question) => {
    try {
      const parent = question.header(TRACEPARENT);
      return await inSpan('take events over NATS', { kind: SpanKind.SERVER, parent }, () =>
        take(question, { messaging, intake, perTenant }),
      );
    } catch (error) {
      const requestId = randomUUID();
      const problem = toProblem(error, explainLogError);
      if (problem.code === 'internal') logger.error({ request_id: requestId, err: error }, 'a message failed');
      return refuse(problem, requestId);
    }
  });
}

async function take(
  question: Question,
  { messaging, intake, perTenant }: Pick<NatsIntakeParts, 'messaging' | 'intake' | 'perTenant'>,
): Promise<object> {
  const to = readSubject(question, messaging.subjects);
  await takeRate(to.tenant, perTenant);
  const { sender, body } = readMessage(question, to);
  if (body.kind === 'batch') {
    const results = await intake.takeMany(body.texts, sender);
    // One look tells whether all of them are stored, as the HTTP status does.
    return { accepted: results.every(isAccepted), results: results.map(resultBody) };
  }
  const result = await intake.takeOne(body.text, sender);
  if (!isAccepted(result)) throw problemOf(result);
  return acceptedBody(result);
}

/**
 * One message is one request, whatever it holds. Before its body is read: a flood is to cost no more than a refusal.
 *
 * @throws {Problem} `rate_limited`
 */
async function takeRate(tenant: string, perTenant: LeasedBuckets): Promise<void> {
  const { perMinute } = perTenant;
  const taken = await perTenant.take(`tenant ${tenant}`);
  if (!taken.ok) throw rateLimited(`This tenant may make ${perMinute} requests per minute.`, perMinute, taken);
}

/** HTTP's answer, with what its header would say as a member. */
function refusal(problem: Problem, requestId: string): object {
  const { retryAfterSeconds } = problem.facts;
  const retry = retryAfterSeconds === undefined ? {} : { retry_after: retryAfterSeconds };
  return { accepted: false, ...problemBody(problem, requestId), ...retry };
}

const OVERLOADED = new Problem('overloaded', {
  detail: 'This gateway has as many messages under way as it takes. Nothing of this one was stored.',
  retryAfterSeconds: 1,
});
