import { setTimeout as sleep } from 'node:timers/promises';
import { RuncastClient } from '@runcast/client';
import { DiskSpool } from '@runcast/client/spool';

// An agent's process: sends `count` events to a run of its own and prints each one's number once `send` has returned.
// arguments: URL of the ingest gateway, key, folder of the spool, run, count, milliseconds between two events
const [url, apiKey, folder, run, count, everyMs] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
  string,
];

const client = new RuncastClient({
  url,
  apiKey,
  spool: new DiskSpool({ folder }),
  backoff: { firstMs: 50, maxMs: 500 },
  onDrop: (dropped) => process.stderr.write(`dropped ${JSON.stringify(dropped)}\n`),
});
for (let index = 1; index <= Number(count); index += 1) {
  client.send({ type: 'note.taken', id: `${run}-${index}`, run, data: { index } });
  process.stdout.write(`${index}\n`);
  await sleep(Number(everyMs));
}
await client.close({ timeoutMs: 60_000 });
process.stdout.write(`closed ${JSON.stringify(client.counts)}\n`);
