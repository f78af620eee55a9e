// npm start: from a fresh clone to a running Runcast.
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

const main = join(root, 'apps', 'cli', 'dist', 'main.js');
const launcher = spawn(node24(), ['--enable-source-maps', main, 'up', ...process.argv.slice(2)], {
  cwd: root,
  env: environment(),
  // The channel carries no messages: its end tells the launcher that we are gone, however we went.
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
// A terminal's Ctrl-C reaches the launcher by itself, a `kill` of npm only us; it takes two at once for one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => launcher.kill(signal));
launcher.once('exit', (code) => process.exit(code ?? 1));
