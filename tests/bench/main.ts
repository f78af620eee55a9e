import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { fanout } from './figures/fanout.ts';
import type { Figure } from './figures/figure.ts';
import { growth } from './figures/growth.ts';
import { idle } from './figures/idle.ts';
import { ingest } from './figures/ingest.ts';
import { latency } from './figures/latency.ts';
import { project } from './figures/project.ts';
import { replay } from './figures/replay.ts';
import { rest } from './figures/rest.ts';
import { scaling } from './figures/scaling.ts';
import { FIGURES, readOptions, USAGE, type FigureName, type Options } from './options.ts';
import { lineOf, markdownOf, writeWhole, type Result } from './results.ts';
import { Backends } from './world/backends.ts';
import { machine } from './world/machine.ts';
import { Profile } from './world/profile.ts';

const MEASURE: Readonly<Record<FigureName, Figure>> = {
  ingest,
  project,
  fanout,
  latency,
  replay,
  idle,
  rest,
  scaling,
  growth,
};

const RESULTS = fileURLToPath(new URL('../../../bench/results', import.meta.url));
const TOP = 25;

/** Measures, prints and writes down; answers whether every figure could be measured. Missed targets are results. */
async function run({ figures, quick, profile: profileFolder }: Options, host: NodeJS.Process): Promise<boolean> {
  const begun = performance.now();
  const report = (line: string): void => {
    host.stdout.write(`[${((performance.now() - begun) / 1_000).toFixed(1).padStart(6)} s] ${line}\n`);
  };
  if (profileFolder !== undefined) mkdirSync(profileFolder, { recursive: true });
  const profile = new Profile(profileFolder);
  const backends = await Backends.start(host.env, report, profile);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    host.once(signal, () => void backends.folder.remove(false).then(() => host.exit(1)));
  const facts = machine(backends.natsVersion);
  const results: Result[] = [];
  const failed: string[] = [];
  for (const figure of figures) {
    report(`${figure} …`);
    try {
      const measured = await MEASURE[figure]({ backends, quick, report });
      results.push(...measured);
      for (const result of measured) report(lineOf(result));
    } catch (error) {
      failed.push(figure);
      report(`${figure} could not be measured: ${inspect(error)}`);
    }
  }
  await backends.close(failed.length > 0);
  if (failed.length > 0) report(`the logs are in ${backends.folder.path}`);
  for (const line of profile.tops(TOP)) host.stdout.write(`${line}\n`);
  const whole = !quick && profileFolder === undefined && figures.length === FIGURES.length && failed.length === 0;
  const name = whole ? 'latest' : `last-${figures.length === FIGURES.length ? 'all' : figures.join('-')}`;
  writeWhole(join(RESULTS, `${name}.json`), `${JSON.stringify(results, undefined, 2)}\n`);
  writeWhole(join(RESULTS, `${name}.md`), markdownOf(results, facts));
  host.stdout.write(`\n${results.map(lineOf).join('\n')}\n\n  written to bench/results/${name}.{json,md}\n`);
  return failed.length === 0;
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(USAGE);
  else process.exit((await run(options, process)) ? 0 : 1);
} catch (error) {
  process.stderr.write(`${(error as Error).stack ?? String(error)}\n`);
  process.exit(2);
}
