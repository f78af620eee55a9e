import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { moduleOf } from './kubernetes-schemas.ts';
import { nameOf } from './manifests.ts';
import type { Resource } from './resource.ts';

const run = promisify(execFile);
const TESTS = fileURLToPath(new URL('..', import.meta.url));
const TSC = fileURLToPath(new URL('../../node_modules/.bin/tsc', import.meta.url));

/**
 * Fields that the API does not have, such as a probe with a letter missing: the API server would drop them, and the pod would
 * run without. JSON schemas let them pass. The types that are generated from the same schemas do not, when the object stands as a
 * literal: so each becomes one, and the compiler reads them all.
 */
export async function unknownFields(resources: readonly Resource[]): Promise<string[]> {
  // Inside tests/, so that the compiler finds the packages of tests/.
  mkdirSync(join(TESTS, 'dist'), { recursive: true });
  const folder = mkdtempSync(join(TESTS, 'dist', 'manifests-'));
  try {
    const lines = resources.map(({ apiVersion, kind, ...rest }, index) => {
      const literal = JSON.stringify({ apiVersion, kind, ...rest });
      return `import type { I${kind} as Type${index} } from '${moduleOf(apiVersion)}'; export const o${index}: Type${index} = ${literal};`;
    });
    writeFileSync(join(folder, 'manifests.ts'), lines.join('\n'));
    const options = ['--noEmit', '--module', 'nodenext', '--target', 'es2023', '--skipLibCheck', '--strict'];
    const types = ['--types', '', '--ignoreConfig', '--pretty', 'false'];
    await run(process.execPath, [TSC, ...options, ...types, join(folder, 'manifests.ts')], { cwd: TESTS });
    return [];
  } catch (error) {
    const { stdout, message } = error as Error & { stdout?: string };
    return findings(stdout ?? message, resources);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function findings(output: string, resources: readonly Resource[]): string[] {
  return output
    .split('\n')
    .filter((line) => line.includes('error TS'))
    .map((line) => {
      const resource = resources[Number(/manifests\.ts\((\d+),/.exec(line)?.[1]) - 1];
      return `${resource ? nameOf(resource) : '?'}: ${line.slice(line.indexOf('error TS'))}`;
    });
}
