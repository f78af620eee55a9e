import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { SERVICE_OPTIONS } from '../bench/world/service.ts';

it('the benchmark starts services with the options that their images have', () => {
  const dockerfile = readFileSync(new URL('../../docker/Dockerfile', import.meta.url), 'utf8');
  const [, stage] = /^FROM program AS service\n([^]*?)^FROM /m.exec(dockerfile) ?? [];
  expect(/^ENV NODE_OPTIONS="(.*)"$/m.exec(stage ?? '')?.[1]).toBe(SERVICE_OPTIONS.join(' '));
});
