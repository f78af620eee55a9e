import { PROBLEM_CONTENT_TYPE, type problemBody } from '@runcast/service-host';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { vectaraErrorOf } from './vectara/errors.ts';
import { zihinErrorOf } from './zihin/errors.ts';

type ProblemBody = ReturnType<typeof problemBody>;
type Render = (problem: ProblemBody, reply: FastifyReply) => object;

const lyzr: Render = ({ detail, code, request_id }) => ({ detail, code, request_id });
const zihin: Render = (problem, reply) =>
  zihinErrorOf(problem, String(reply.getHeader('www-authenticate')).includes('invalid_token'));

/** Whose clients read errors in which form. */
const FORMS: readonly (readonly [prefix: string, render: Render])[] = [
  ['/api/v2/agents/', zihin],
  ['/api/v1/sessions/', zihin],
  ['/v2/agents/', (problem) => vectaraErrorOf(problem)],
  ['/v3/inference/', lyzr],
  ['/run-dag', lyzr],
  ['/task-status/', lyzr],
];

/**
 * Says every error at a vendor's address in the vendor's form, also those that arise before or beside its controller: no
 * key, a body too large, a log that is away. Has to be called before the routes are made.
 */
export function speakVendorErrors(fastify: FastifyInstance): void {
  fastify.addHook('onSend', (request, reply, payload, done) => {
    const form = FORMS.find(([prefix]) => request.url.startsWith(prefix));
    const isProblem = reply.getHeader('content-type') === PROBLEM_CONTENT_TYPE;
    if (!form || !isProblem || typeof payload !== 'string') return done(null, payload);
    void reply.type('application/json; charset=utf-8');
    done(null, JSON.stringify(form[1](JSON.parse(payload) as ProblemBody, reply)));
  });
}
