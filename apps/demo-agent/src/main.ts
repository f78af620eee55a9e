import { fileURLToPath } from 'node:url';
import { ConfigError, EXIT_CONFIG } from '@runcast/service-host/config';
import { assignments, oneOfEach } from './assignments.ts';
import { readConfig } from './config.ts';
import { runDemo } from './demo.ts';
import type { Log } from './work.ts';

const log: Log = (level, message, facts) => {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...facts })}\n`);
};

try {
  const read = readConfig(process.env);
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort()).once('SIGINT', () => stop.abort());
  const newId = () => crypto.randomUUID();
  const todo = process.argv.includes('--once') ? oneOfEach(newId) : assignments(newId);
  const documents = fileURLToPath(new URL('../../../docs', import.meta.url));
  // Whoever asks for one of each is not there to wait for commands.
  const { serve, ...alone } = read;
  const config = process.argv.includes('--once') || !serve ? alone : { ...alone, serve };
  await runDemo(config, todo, documents, log, stop.signal);
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = EXIT_CONFIG;
}
