import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from './logger.ts';
import type { AnswerMetrics } from './metrics/service-metrics.ts';
import { Problem, PROBLEM_CONTENT_TYPE, problemBody, problemHeaders } from './problem.ts';
import { redactUrl } from './redaction.ts';
import { toProblem, type ExplainError } from './to-problem.ts';

/** The one place where an error becomes an answer. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger: Logger;
  readonly #answers: AnswerMetrics;
  readonly #explain: ExplainError | undefined;

  constructor(logger: Logger, answers: AnswerMetrics, explain?: ExplainError) {
    this.#logger = logger;
    this.#answers = answers;
    this.#explain = explain;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = toProblem(error, this.#explain);
    this.#log(problem, error, request);
    this.#answers.refused('http', problem.code);
    if (reply.sent || reply.raw.headersSent) {
      // Half an answer is out and cannot be taken back: cut it, so that the client does not take it for a whole one.
      reply.raw.destroy();
      return;
    }
    sendProblem(problem, request, reply);
  }

  #log(problem: Problem, error: unknown, request: FastifyRequest): void {
    const facts = { request_id: request.id, method: request.method, url: redactUrl(request.url), code: problem.code };
    if (problem.code === 'internal') this.#logger.error({ ...facts, err: error }, 'request failed');
    else this.#logger.debug({ ...facts, detail: problem.facts.detail }, 'request refused');
  }
}

export function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): void {
  void reply
    .code(problem.status)
    .headers({ ...problemHeaders(problem), 'x-request-id': request.id })
    .type(PROBLEM_CONTENT_TYPE)
    // As text: Fastify would look for a serializer for this content type.
    .send(JSON.stringify(problemBody(problem, request.id)));
}
