import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

/** The packages of OpenTelemetry that a process holds after it has imported what runs a service, and run `code`. */
async function loadedAfter(code: string): Promise<string[]> {
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = new Set();
    registerHooks({
      load(url, context, next) {
        const found = /node_modules\\/(@opentelemetry\\/[^/]+)/.exec(url);
        if (found) loaded.add(found[1]);
        return next(url, context);
      },
    });
    await import(${JSON.stringify(new URL('../run-service.ts', import.meta.url).href)});
    ${code}
    console.log(JSON.stringify([...loaded]));
    process.exit(0);`;
  const args = ['--conditions=@runcast/source', '--input-type=module', '--eval', script];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as string[];
}

const START = `const { startTracing } = await import(${JSON.stringify(new URL('./start-tracing.ts', import.meta.url).href)});
  await startTracing({ service: 's', version: '1', endpoint: 'http://127.0.0.1:1', ratio: 1, logger: console });`;

it('without a collector nothing but the interface of OpenTelemetry is in the process', async () => {
  expect(await loadedAfter('')).toEqual(['@opentelemetry/api']);
});

it('would be found out for an SDK that is there all the same', async () => {
  expect(await loadedAfter(START)).toContain('@opentelemetry/sdk-trace');
});
