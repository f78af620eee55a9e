import type { FieldProblem } from '@runcast/run-events';
import { PROBLEMS, type ProblemCode } from './problem-codes.ts';

export interface ProblemFacts {
  /** One sentence about this very case. Goes to the client: no secrets, no user text beyond what they sent. */
  readonly detail: string;
  readonly errors?: readonly FieldProblem[];
  readonly retryAfterSeconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An error that has an answer: thrown anywhere, it reaches the client as RFC 9457 problem details. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly facts: ProblemFacts;
  readonly status: number;
  readonly title: string;

  constructor(code: ProblemCode, facts: ProblemFacts) {
    super(facts.detail, { cause: facts.cause });
    this.name = 'Problem';
    this.code = code;
    this.facts = facts;
    this.status = PROBLEMS[code].status;
    this.title = PROBLEMS[code].title;
  }
}

export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';

/** The body of a problem's answer. `type` is a link relative to the documentation's root. */
export function problemBody(problem: Problem, requestId: string) {
  return {
    type: `/docs/errors#${problem.code}`,
    title: problem.title,
    status: problem.status,
    detail: problem.facts.detail,
    code: problem.code,
    ...(problem.facts.errors && { errors: problem.facts.errors }),
    request_id: requestId,
  };
}

export function problemHeaders(problem: Problem): Record<string, string> {
  const { retryAfterSeconds, headers } = problem.facts;
  return {
    ...headers,
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(Math.max(1, Math.ceil(retryAfterSeconds))) }),
  };
}
