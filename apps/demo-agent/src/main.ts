import { fileURLToPath } from 'node:url';
import { assignments, oneOfEach } from './assignments.ts';
import { readConfig } from './config.ts';
import { runDemo } from './demo.ts';
import type { Log } from './work.ts';

const log: Log = (level, message, facts) => {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...facts })}\n`);
};

const read = readConfig(process.env);
if (!read.ok) {
  process.stderr.write(`The demo agent cannot start:\n  ${read.problems.join('\n  ')}\n`);
  process.exitCode = 1;
} else {
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort()).once('SIGINT', () => stop.abort());
  const newId = () => crypto.randomUUID();
  const todo = process.argv.includes('--once') ? oneOfEach(newId) : assignments(newId);
  const documents = fileURLToPath(new URL('../../../docs', import.meta.url));
  // Whoever asks for one of each is not there to wait for commands.
  const { serve, ...alone } = read.config;
  const config = process.argv.includes('--once') || !serve ? alone : { ...alone, serve };
  await runDemo(config, todo, documents, log, stop.signal);
}
