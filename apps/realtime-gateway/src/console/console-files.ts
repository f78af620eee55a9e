import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import { Problem } from '@runcast/service-host';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Where the build of apps/console lies beside this service, in a clone as in a container. */
export const CONSOLE_FOLDER = fileURLToPath(new URL('../../../console/dist/site', import.meta.url));

/** The addresses of the console's pages. Each is the same file; which page it shows is for the browser to say. */
export const CONSOLE_PAGES = ['/', '/runs/:run', '/sessions', '/sessions/:session', '/agents', '/inbox'];

/**
 * No script, style, frame or connection that does not come from here, and nothing inline: what an agent wrote into an
 * event and the page shows by mistake as markup would still not run.
 */
const SECURITY = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

const OPEN = { config: { access: 'open' } } as const;

/** Serves the console. Anybody may load the page; what it shows it asks for with the user's key. */
export function serveConsole(fastify: FastifyInstance, folder = CONSOLE_FOLDER): void {
  void fastify.register(fastifyStatic, {
    root: folder,
    serve: false,
    // The build has compressed each file once; doing it again for each request would be for nothing.
    preCompressed: true,
    cacheControl: false,
    acceptRanges: false,
    index: false,
  });
  for (const page of CONSOLE_PAGES) fastify.get(page, OPEN, (_request, reply) => sendPage(reply, folder));
  fastify.get('/assets/:file', OPEN, (request: FastifyRequest<{ Params: { file: string } }>, reply) =>
    sendAsset(reply, folder, request.params.file),
  );
}

function sendPage(reply: FastifyReply, folder: string): FastifyReply {
  if (!existsSync(join(folder, 'index.html'))) {
    throw new Problem('not_found', { detail: 'This gateway was built without the console (apps/console).' });
  }
  // Asked for again each time: it names the assets of the build that is served now.
  return reply.headers({ ...SECURITY, 'cache-control': 'no-cache' }).sendFile('index.html');
}

/** The name of an asset holds the hash of its content, so it never changes. */
function sendAsset(reply: FastifyReply, folder: string, file: string): FastifyReply {
  // By name alone: no part of an address may lead out of the folder, or to the page without its headers.
  if (!/^[\w-]+\.[\w.-]+$/.test(file) || !existsSync(join(folder, 'assets', file))) {
    throw new Problem('not_found', { detail: 'There is no such file; a newer build may have replaced it.' });
  }
  return reply
    .headers({ 'cache-control': 'public, max-age=31536000, immutable', 'cross-origin-resource-policy': 'same-origin' })
    .sendFile(`assets/${file}`);
}
