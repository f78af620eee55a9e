// npm run bench: builds what has changed, then measures. See docs/performance.md.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build, environment, install, node24, progress, requireNode, root } from './set-up.mjs';

requireNode();
const report = progress();
try {
  await install(report);
  await build(report);
} catch (error) {
  report(error.message);
  process.exit(1);
}

const main = join(root, 'tests', 'dist', 'bench', 'main.js');
const bench = spawn(node24(), ['--enable-source-maps', main, ...process.argv.slice(2)], {
  cwd: root,
  env: environment(),
  stdio: 'inherit',
});
// A terminal's Ctrl-C reaches it by itself, a `kill` of npm only us.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => bench.kill(signal));
bench.once('exit', (code) => process.exit(code ?? 1));
