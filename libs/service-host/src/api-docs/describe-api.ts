import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import type { GuardedRoute } from '../access.ts';
import { documentedRoutes, jsonSchema, openApiPath, operationOf, PROBLEM_SCHEMA, type RouteDocs } from './route-doc.ts';

export interface ApiDescription {
  readonly title: string;
  readonly description: string;
  readonly routes: RouteDocs;
}

/**
 * The OpenAPI document of an application: the addresses that its controllers really have, with the words and schemas of
 * `routes`, and the access that each route demands. What has no document has an operation without a summary, which a spec
 * finds out.
 */
export function describeApi(
  nest: INestApplication,
  { title, description, routes }: ApiDescription,
  served: readonly GuardedRoute[],
  version: string,
): OpenAPIObject {
  const base = new DocumentBuilder()
    .setTitle(title)
    .setDescription(description)
    .setVersion(version)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth({ type: 'http', description: 'An API key' }, 'bearer')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'x-api-key' }, 'apiKey')
    .addApiKey({ type: 'apiKey', in: 'query', name: 'x-api-key' }, 'apiKeyInQuery')
    .addApiKey({ type: 'apiKey', in: 'query', name: 'ticket', description: 'From POST /v1/tickets' }, 'ticket')
    .setOpenAPIVersion('3.1.0')
    .build();
  const document = SwaggerModule.createDocument(nest, base);
  const components = { ...document.components, schemas: { Problem: jsonSchema(PROBLEM_SCHEMA) } };
  return { ...document, components, paths: pathsOf(document, { ...ALWAYS_THERE, ...routes }, served) };
}

function pathsOf({ paths }: OpenAPIObject, docs: RouteDocs, served: readonly GuardedRoute[]): OpenAPIObject['paths'] {
  const known = paths as Record<string, Record<string, { operationId?: string }>>;
  const all: Record<string, Record<string, object>> = {};
  for (const route of documentedRoutes(served)) {
    const path = openApiPath(route.url);
    const method = route.method.toLowerCase();
    const operationId = known[path]?.[method]?.operationId;
    const doc = docs[`${route.method} ${route.url}`];
    const described = doc ? operationOf(route, doc) : { responses: {} };
    all[path] = { ...all[path], [method]: { ...(operationId !== undefined && { operationId }), ...described } };
  }
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const readiness = z.looseObject({
  service: z.string(),
  status: z.enum(['ready', 'not_ready', 'draining']),
  checks: z.array(z.looseObject({ name: z.string(), ready: z.boolean(), detail: z.string().optional() })),
});

/** The routes of every service. */
const ALWAYS_THERE: RouteDocs = {
  'GET /health/live': {
    tag: 'Service',
    summary: 'Whether the process can answer',
    answers: { 200: { description: 'It can', schema: z.object({ status: z.literal('live'), service: z.string() }) } },
  },
  'GET /health/ready': {
    tag: 'Service',
    summary: 'Whether traffic may be sent here, and which dependency is missing when not',
    answers: {
      200: { description: 'It may', schema: readiness },
      503: { description: 'It may not', schema: readiness },
    },
  },
  'GET /version': {
    tag: 'Service',
    summary: 'What is running',
    answers: {
      200: {
        description: 'The version',
        schema: z.object({
          service: z.string(),
          version: z.string(),
          commit: z.string().optional(),
          node: z.string(),
        }),
      },
    },
  },
};
