import { RuncastClient } from '../runcast-client.ts';
import { closeOnExit } from './close-on-exit.ts';

// An agent's process that sends one event, is told that Runcast is away, and ends in the way that its second argument names
// long before it would try again. The first is the URL of the gateway.
const [url = '', way = ''] = process.argv.slice(2);

const stay = (): unknown => setInterval(() => undefined, 1_000);
const ways: Record<string, () => unknown> = {
  idle: () => undefined,
  signal: stay,
  'own-listener': () => (stay(), process.on('SIGTERM', () => setTimeout(() => process.exit(7), 500))),
  throws: () => setTimeout(() => void JSON.parse('the agent broke')),
  rejects: () => void Promise.reject(new Error('the agent broke')),
  'taken-back': () => (takeBack(), stay()),
};

const client = new RuncastClient({
  url,
  apiKey: 'spec',
  backoff: { firstMs: 60_000, maxMs: 60_000 },
  onRetry: () => {
    ways[way]!();
    process.stdout.write('waiting\n');
  },
});
const takeBack = closeOnExit(client);
client.send({ type: 'note.taken', id: way, run: 'exiting', data: {} });
