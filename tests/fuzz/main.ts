// npm run fuzz -- [count] [seed]: the long form. Ends with 1 when anything was wrong.
import { startRuncast } from '../this-checkout.ts';
import { fuzz, summary } from './fuzz.ts';

const [count = '200000', seed = String(Date.now() % 1_000_000)] = process.argv.slice(2);
const runcast = await startRuncast({}, process.cwd());
process.stdout.write(`seed ${seed}\n`);
try {
  const before = JSON.stringify(runcast.dev().pids);
  const report = await fuzz(runcast.dev(), { seed: Number(seed), count: Number(count) });
  for (const fault of report.faults.slice(0, 50)) process.stdout.write(`${fault}\n`);
  process.stdout.write(`${summary(report)}\n`);
  const crashed = JSON.stringify(runcast.dev().pids) !== before;
  if (crashed) process.stdout.write('a service was restarted\n');
  process.exitCode = report.faults.length > 0 || crashed ? 1 : 0;
} finally {
  await runcast.stop();
}
