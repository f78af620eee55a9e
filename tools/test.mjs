// npm test: everything, on a fresh clone. Its last line is `N passed, N failed`, summed over all stages.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { binary, build, environment, install, node24, progress, requireNode, root, run } from './set-up.mjs';

requireNode();
const report = progress();
const results = join(root, '.test-results');
const MAX_SUITE_MS = 25 * 60_000;
const totals = { passed: 0, failed: 0 };

function count(stage, passed, failed) {
  totals.passed += passed;
  totals.failed += failed;
  report(`${stage}: ${passed} passed, ${failed} failed`);
}

/** A stage that either holds or does not: it counts as one test. */
async function check(stage, work) {
  report(`${stage} …`);
  const problem = await work().catch((error) => error);
  if (problem) process.stdout.write(`${problem.message ?? problem}\n`);
  count(stage, problem ? 0 : 1, problem ? 1 : 0);
}

async function lint() {
  const { code, output } = await run(node24(), [join(root, 'tools', 'lint.mjs')]);
  return code === 0 ? undefined : output;
}

async function jest(suite, options = []) {
  report(`${suite} …`);
  const outputFile = join(results, `${suite}.json`);
  rmSync(outputFile, { force: true });
  const args = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const jestArgs = ['--selectProjects', suite, '--json', `--outputFile=${outputFile}`, ...options];
  const { code, output } = await run(node24(), [...args, binary('jest'), ...jestArgs], {
    env: environment({ CI: 'true', FORCE_COLOR: '0' }),
    withinMs: MAX_SUITE_MS,
  });
  // Without --verbose Jest tells only of what failed, and with --json its report goes to standard output as well.
  if (code !== 0) process.stdout.write(output.replace(/^\{"num[^\n]*\n?/m, ''));
  count(suite, ...readCounts(outputFile, code));
}

/** A suite that could not be loaded has no tests to count: it is one failure. So is a skipped test: it proves nothing. */
function readCounts(file, code) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numRuntimeErrorTestSuites } = JSON.parse(
      readFileSync(file, 'utf8'),
    );
    const failed = numFailedTests + numPendingTests + numTodoTests + numRuntimeErrorTestSuites;
    return [numPassedTests, code !== 0 && failed === 0 ? 1 : failed];
  } catch {
    return [0, 1];
  }
}

mkdirSync(results, { recursive: true });
await check('install', () => install(report));
await check('type check and build', () => build(report));
// Lint is one process that nothing else waits for, and takes a core and three gigabytes for minutes. Two workers: the servers
// and the services that a test starts want the rest of a small machine, and all of one that is smaller still.
const linted = check('lint', lint);
await jest('unit', ['--maxWorkers=2']);
if (availableParallelism() < 4) await linted;
await jest('integration', ['--maxWorkers=2']);
await linted;
await jest('e2e', ['--maxWorkers=2']);
process.stdout.write(`${totals.passed} passed, ${totals.failed} failed\n`);
process.exit(totals.failed === 0 ? 0 : 1);
