import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceName } from './service.ts';

/** Where the services write their CPU profiles when one is wanted (`--profile <folder>`). */
export class Profile {
  constructor(private readonly folder: string | undefined) {}

  get wanted(): boolean {
    return this.folder !== undefined;
  }

  optionsFor(name: ServiceName): string[] {
    if (this.folder === undefined) return [];
    return ['--cpu-prof', `--cpu-prof-dir=${this.folder}`, `--cpu-prof-name=${name}-${Date.now()}.cpuprofile`];
  }

  /** The functions that took most time themselves, of every profile that has been written. */
  tops(limit: number): string[] {
    if (this.folder === undefined) return [];
    const files = readdirSync(this.folder).filter((file) => file.endsWith('.cpuprofile'));
    return files.flatMap((file) => [file, ...topOf(readFileSync(join(this.folder!, file), 'utf8'), limit)]);
  }
}

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Names and shares of the time in which the process was not idle. */
export function topOf(text: string, limit: number): string[] {
  const { nodes, samples, timeDeltas } = JSON.parse(text) as CpuProfile;
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const spent = new Map<string, number>();
  samples.forEach((id, index) => {
    const name = names.get(id)!;
    spent.set(name, (spent.get(name) ?? 0) + Math.max(0, timeDeltas[index]!));
  });
  spent.delete('(idle)');
  const busy = [...spent.values()].reduce((sum, time) => sum + time, 0);
  return [...spent]
    .sort(([, left], [, right]) => right - left)
    .slice(0, limit)
    .map(([name, time]) => `${((time / busy) * 100).toFixed(1).padStart(5)} %  ${name}`);
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const name = functionName || '(anonymous)';
  const place = url.replace(/^.*\/(node_modules|apps|libs)\//, '');
  return place === '' ? name : `${name} ${place}:${lineNumber + 1}`;
}
