// npm run containers: builds the images, holds them against what they promise, brings compose up with two replicas of each
// service, sees a run of the demo agent, ends it in order and takes all of it down. Says so and passes where no container
// engine answers.
//   --offline   every package from npm's cache, no network
//   --cluster   the log on three nats-servers
//   --built     the images that are there already
import { Composition, REALTIME } from './containers/composition.mjs';
import { engineProblem } from './containers/docker.mjs';
import { buildImages, imageOf, imageProblems, problemsOf } from './containers/images.mjs';
import { toolboxProblems } from './containers/toolbox.mjs';
import { progress } from './set-up.mjs';

const report = progress();
const problem = engineProblem();
if (problem !== undefined) {
  report(`containers: skipped, no container engine with buildx and compose answers (${problem})`);
  process.exit(0);
}

if (!process.argv.includes('--built')) buildImages({ offline: process.argv.includes('--offline'), report });
const problems = imageProblems(report);
// A check that finds nothing wrong with an empty image is blind.
const blank = problemsOf({ megabytes: 999, config: { User: '' }, files: ['bin/sh'], target: 'projector' });
if (blank.length < 5) problems.push(`the checks of an image are blind: ${blank.join('; ')}`);
problems.push(...toolboxProblems(imageOf('cli')));
report('toolbox: has the command line, and ends when it is told to');

const composition = new Composition(process.argv.includes('--cluster') ? ['--env-file', 'docker/cluster.env'] : []);
try {
  composition.up();
  report('compose: healthy, two replicas of each service');
  const console = await fetch(REALTIME);
  if (!(await console.text()).includes('<script')) problems.push(`the console is not served: ${console.status}`);
  const run = await composition.firstRun();
  report(`first run: ${run.id} of ${run.agent}, ${run.status}`);
  problems.push(...composition.stopProblems());
  report('compose: stopped in order');
} catch (error) {
  problems.push(`${error.message}\n${composition.logs()}`);
} finally {
  composition.down();
}
for (const found of problems) report(found);
report(problems.length === 0 ? 'containers: all as promised' : `containers: ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
