import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readOptions, USAGE, type Mode, type Options } from './options.ts';
import { isGreen, outcomeOf, tableOf, writeOutcome } from './results.ts';
import { fullStorm, shortStorm } from './scenarios/fault-storm.ts';
import { leaderKills } from './scenarios/leader-kills.ts';
import { oneAfterTheOther } from './scenarios/one-after-the-other.ts';
import { projectorKills } from './scenarios/projector-kills.ts';
import { recreatedStream } from './scenarios/recreated-stream.ts';
import { restlessClients } from './scenarios/restless-clients.ts';
import { rollingRestarts } from './scenarios/rolling-restarts.ts';
import { scaleOut } from './scenarios/scale-out.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { slowReaders } from './scenarios/slow-readers.ts';
import { syncedAcks } from './scenarios/synced-acks.ts';
import { RunFolder } from './world/run-folder.ts';

const SYNCED = { name: 'fsync', scenario: syncedAcks };
const SCENARIOS: Readonly<Record<Mode, Scenario>> = {
  short: oneAfterTheOther(shortStorm, SYNCED),
  full: oneAfterTheOther(fullStorm, SYNCED, { name: 'new-stream', scenario: recreatedStream }),
  clients: restlessClients,
  'leader-kills': leaderKills,
  'projector-kills': projectorKills,
  'slow-readers': slowReaders,
  rolling: rollingRestarts,
  fsync: syncedAcks,
  'recreated-stream': recreatedStream,
  scale: scaleOut,
};

const RESULTS = fileURLToPath(new URL('../../../chaos/results', import.meta.url));

async function runScenario({ mode, seed, keep }: Options, host: NodeJS.Process): Promise<boolean> {
  const begun = performance.now();
  const report = (line: string): void => {
    host.stdout.write(`[${((performance.now() - begun) / 1_000).toFixed(1).padStart(6)} s] ${line}\n`);
  };
  const folder = await RunFolder.create();
  report(`chaos ${mode}, seed ${seed}, logs in ${folder.path}`);
  // Ctrl-C leaves nothing behind.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    host.once(signal, () => void folder.remove(true).then(() => host.exit(1)));
  let green = false;
  try {
    const findings = await SCENARIOS[mode]({ seed, folder, env: host.env, report });
    const outcome = outcomeOf(mode, seed, findings);
    green = isGreen(outcome);
    host.stdout.write(tableOf(outcome, findings.sources));
    writeOutcome(join(RESULTS, `${mode}.json`), outcome);
    if (mode === 'short' || mode === 'full') writeOutcome(join(RESULTS, 'latest.json'), outcome);
  } catch (error) {
    report(`could not be carried out (repeat with --seed ${seed}): ${(error as Error).stack ?? String(error)}`);
  }
  await folder.remove(keep || !green);
  if (keep || !green) report(`the logs are in ${folder.path}`);
  return green;
}

try {
  const options = readOptions(process.argv.slice(2), () => randomInt(1_000_000));
  if (options.help) process.stdout.write(USAGE);
  // Watchers of a scenario that failed would go on looking for their gateways for ever.
  else process.exit((await runScenario(options, process)) ? 0 : 1);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}
