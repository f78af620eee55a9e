import { z } from 'zod';
import type { GuardedRoute } from '../access.ts';
import { PROBLEMS, type ProblemCode } from '../problem-codes.ts';
import { DOCS_PATH } from './serve-api-docs.ts';

/**
 * The routes that have a document: not those that show it, nor HEAD beside GET. One that is also taken with a slash at its end
 * is one route.
 */
export function documentedRoutes(served: readonly GuardedRoute[]): GuardedRoute[] {
  return served.filter(({ method, url }) => {
    const showsDocument = url === `${DOCS_PATH}-json` || url === DOCS_PATH || url.startsWith(`${DOCS_PATH}/`);
    return method !== 'HEAD' && !showsDocument && (url === '/' || !url.endsWith('/'));
  });
}

/** One answer of a route that is no error. */
export interface Answer {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** `application/json` where there is a schema and nothing else is said. */
  readonly type?: string;
}

/** What a route's own code does not say: the words and schemas of its document. */
export interface RouteDoc {
  readonly tag: string;
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: { readonly schema: z.ZodType; readonly types?: readonly string[] };
  readonly answers: Readonly<Record<number, Answer>>;
  /** The errors that this route has beside those of every route with its access. */
  readonly problems?: readonly ProblemCode[];
  /** How errors are written here, where it is not problem+json. */
  readonly errorForm?: z.ZodType;
}

/** `METHOD pattern` → its document. */
export type RouteDocs = Readonly<Record<string, RouteDoc>>;

export const PROBLEM_SCHEMA = z
  .object({
    type: z.string().describe('A link to the code in docs/errors.md'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
    errors: z.array(z.object({ field: z.string(), expected: z.string(), found: z.string().optional() })).optional(),
    request_id: z.string(),
  })
  .describe('Problem details, RFC 9457');

/** Any route may be asked in a way that no route takes. */
const ALWAYS: readonly ProblemCode[] = [
  'invalid_request',
  'request_timeout',
  'unsupported_media_type',
  'headers_too_large',
  'internal',
];
const WITH_KEY: readonly ProblemCode[] = ['unauthenticated', 'forbidden', 'rate_limited', 'unavailable', 'overloaded'];
const WITH_BODY: readonly ProblemCode[] = ['payload_too_large'];

type Operation = Record<string, unknown>;

/** The operation object of one route. */
export function operationOf(route: GuardedRoute, doc: RouteDoc): Operation {
  const open = route.access === 'open';
  return {
    tags: [doc.tag],
    summary: doc.summary,
    ...(open ? { security: [] } : { security: securityOf(route), 'x-scope': route.access }),
    parameters: [
      ...[...route.url.matchAll(/:([A-Za-z]+)/g)].map(([, name]) => pathParameter(name!)),
      ...parametersOf('query', doc.query),
      ...parametersOf('header', doc.headers),
    ],
    ...(doc.body && { requestBody: { required: true, content: contentOf(doc.body.schema, doc.body.types) } }),
    responses: { ...answersOf(doc), ...errorsOf(route, doc) },
  };
}

/** `/v1/runs/:run` as OpenAPI spells it. */
export function openApiPath(pattern: string): string {
  return pattern.replace(/:([A-Za-z]+)/g, '{$1}');
}

export function jsonSchema(schema: z.ZodType, io: 'input' | 'output' = 'output'): Record<string, unknown> {
  // Which version of JSON Schema it is stands once, in the version of OpenAPI.
  const written: Record<string, unknown> = z.toJSONSchema(schema, { unrepresentable: 'any', io });
  return Object.fromEntries(Object.entries(written).filter(([name]) => name !== '$schema'));
}

function securityOf({ keyInQuery }: GuardedRoute): Record<string, string[]>[] {
  return [{ bearer: [] }, { apiKey: [] }, ...(keyInQuery ? [{ apiKeyInQuery: [] }, { ticket: [] }] : [])];
}

function pathParameter(name: string) {
  return { name, in: 'path', required: true, schema: { type: 'string', minLength: 1 } };
}

function parametersOf(place: 'query' | 'header', schema: z.ZodObject | undefined) {
  return Object.entries(schema?.shape ?? {}).map(([name, value]) => {
    const { description, ...rest } = jsonSchema(value as z.ZodType, 'input');
    const required = !(value as z.ZodType).safeParse(undefined).success;
    return { name, in: place, required, ...(description !== undefined && { description }), schema: rest };
  });
}

function contentOf(schema: z.ZodType, types: readonly string[] = ['application/json']) {
  return Object.fromEntries(types.map((type) => [type, { schema: jsonSchema(schema, 'input') }]));
}

function answersOf({ answers }: RouteDoc): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema, type = 'application/json' }]) => {
      const content = schema ? jsonSchema(schema) : { type: 'string' };
      const hasBody = schema !== undefined || type !== 'application/json';
      return [status, { description, ...(hasBody && { content: { [type]: { schema: content } } }) }];
    }),
  );
}

function errorsOf(route: GuardedRoute, doc: RouteDoc): Record<string, unknown> {
  const codes = new Set<ProblemCode>([
    ...ALWAYS,
    ...(route.access === 'open' ? [] : WITH_KEY),
    ...(doc.body ? WITH_BODY : []),
    ...(route.url.includes(':') ? (['uri_too_long'] as const) : []),
    // A position may be one of a log that was replaced.
    ...('wait_for' in (doc.query?.shape ?? {}) ? (['gone'] as const) : []),
    ...(doc.problems ?? []),
  ]);
  const byStatus = Map.groupBy(codes, (code) => PROBLEMS[code].status);
  const content = doc.errorForm
    ? { 'application/json': { schema: jsonSchema(doc.errorForm) } }
    : { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  return Object.fromEntries(
    [...byStatus].map(([status, of]) => [status, { description: of.map((code) => `\`${code}\``).join(', '), content }]),
  );
}
