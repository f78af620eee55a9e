import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { packagesAtStart } from './static-imports.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Each is hundreds of modules, or tens of milliseconds, and needed by few installations or by nobody who serves events. */
const ON_USE = [
  'typeorm',
  '@nestjs/swagger',
  'jose',
  '@opentelemetry/sdk-trace',
  '@opentelemetry/exporter-trace-otlp-http',
];

describe.each(['ingest-gateway', 'projector', 'realtime-gateway'])('%s', (name) => {
  const packages = packagesAtStart(ROOT, `apps/${name}/src/service.ts`);

  it('starts without what it may never use', () => {
    expect(ON_USE.filter((each) => packages.has(each))).toEqual([]);
  });

  it('has its other packages found', () => {
    expect([...packages]).toEqual(expect.arrayContaining(['pg', 'zod', 'pino', '@nats-io/transport-node']));
  });
});

describe('the command line', () => {
  it('gives help without NATS, Postgres or anything else but its parser of arguments', () => {
    const packages = [...packagesAtStart(ROOT, 'apps/cli/src/main.ts')].filter((name) => !name.startsWith('node:'));
    expect(packages).toEqual(['commander']);
  });
});

it.each([
  ['typeorm', 'libs/read-models/src/migration-source.ts'],
  ['@nestjs/swagger', 'libs/service-host/src/api-docs/describe-api.ts'],
  ['jose', 'libs/service-host/src/jwt-verifier.ts'],
])('%s is seen where it is loaded', (name, file) => {
  expect(packagesAtStart(ROOT, file)).toContain(name);
});
