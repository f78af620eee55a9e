import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** Addresses that show the document, and so are not in it. */
export const DOCS_PATH = '/docs';

/** Everything comes from here; Swagger UI styles its elements inline, and that is all it is allowed. */
const SECURITY = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
};

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>Runcast API</title>
    <link rel="stylesheet" href="${DOCS_PATH}/swagger-ui.css" />
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="${DOCS_PATH}/swagger-ui-bundle.js"></script>
    <script src="${DOCS_PATH}/begin.js"></script>
  </body>
</html>
`;

const BEGIN = `SwaggerUIBundle({ url: '/docs-json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null });\n`;

const open = { config: { access: 'open' } } as const;

/** Serves the document at `/docs-json` and Swagger UI for it at `/docs`, without a word to any other host. */
export function serveApiDocs(fastify: FastifyInstance, document: () => Promise<object>): void {
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const asset = (name: string, type: string): void => {
    fastify.get(`${DOCS_PATH}/${name}`, open, (_request, reply) =>
      send(reply, type, readFileSync(join(folder, name))).header('cache-control', 'public, max-age=3600'),
    );
  };
  fastify.get(DOCS_PATH, open, (_request, reply) => send(reply, 'text/html; charset=utf-8', PAGE));
  fastify.get(`${DOCS_PATH}/begin.js`, open, (_request, reply) => send(reply, 'text/javascript; charset=utf-8', BEGIN));
  asset('swagger-ui.css', 'text/css; charset=utf-8');
  asset('swagger-ui-bundle.js', 'text/javascript; charset=utf-8');
  fastify.get('/docs-json', open, () => document());
}

function send(reply: FastifyReply, type: string, body: string | Buffer): FastifyReply {
  return reply.headers(SECURITY).type(type).send(body);
}
