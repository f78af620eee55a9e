import { randomUUID } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import { gatewaysOf, type Gateways } from '../gateways.ts';
import { printable } from '../printable.ts';
import { progressBar } from '../progress-bar.ts';
import { detailOf, reasonOf } from '../read-api.ts';
import { eventBatches, type InputEvent } from './event-batches.ts';

export interface SendOptions {
  readonly dialect: string;
  readonly run?: string;
  readonly session?: string;
  readonly agent?: string;
  readonly flow?: string;
}

interface Result {
  readonly status: 'stored' | 'duplicate' | 'conflict' | 'invalid' | 'too_large';
  readonly errors?: readonly { readonly field: string; readonly expected: string; readonly found?: string }[];
}

interface Answer {
  readonly results: readonly Result[];
}

const RETRIES = 8;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/** `runcast send`: the events of a file or of stdin, in their order. Exit code 1 when any was refused. */
export async function send(
  file: string | undefined,
  options: SendOptions,
  root: string,
  host: NodeJS.Process,
): Promise<number> {
  const address = addressOf(gatewaysOf(host.env, root), options);
  const counts = { stored: 0, duplicate: 0, refused: 0 };
  const bar = progressBar(host, file === undefined || file === '-' ? undefined : sizeOf(file), 'bytes');
  // Repeats of a request are recognised by it, also of events that have no id and no time of their own.
  const sending = randomUUID();
  let batches = 0;
  for await (const batch of eventBatches(inputOf(file, host))) {
    batches += 1;
    const results = await deliver(address, batch, `${sending}.${batches}`);
    for (const [index, result] of results.entries()) {
      if (result.status === 'stored' || result.status === 'duplicate') counts[result.status] += 1;
      else {
        counts.refused += 1;
        host.stderr.write(`event ${batch[index]!.line}: ${printable(reasonFor(result))}\n`);
      }
    }
    bar.add(batch.reduce((sum, { text }) => sum + Buffer.byteLength(text) + 1, 0));
  }
  bar.end();
  host.stdout.write(`${counts.stored} stored, ${counts.duplicate} there already, ${counts.refused} refused\n`);
  return counts.refused > 0 ? 1 : 0;
}

function addressOf({ ingestUrl, apiKey }: Gateways, { dialect, ...names }: SendOptions) {
  const given = Object.entries(names).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const query = new URLSearchParams([['dialect', dialect], ...given]).toString();
  return { url: `${ingestUrl}/v1/events?${query}`, apiKey };
}

/** @throws {UserError} when the gateway will not have the request, or does not take it for too long. */
async function deliver(
  { url, apiKey }: { url: string; apiKey: string },
  batch: readonly InputEvent[],
  idempotencyKey: string,
): Promise<readonly Result[]> {
  const request = {
    method: 'POST',
    headers: {
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/x-ndjson',
      'idempotency-key': idempotencyKey,
    },
    body: batch.map(({ text }) => text).join('\n'),
  };
  let failure = '';
  for (let attempt = 0; attempt < RETRIES; attempt += 1) {
    if (attempt > 0) await delay(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt));
    const response = await fetch(url, request).catch((error: unknown) => void (failure = reasonOf(error)));
    if (response === undefined) continue;
    if (response.ok) return ((await response.json()) as Answer).results;
    failure = `${response.status}: ${await detailOf(response)}`;
    if (response.status < 500 && response.status !== 429) break;
  }
  throw new UserError(`from event ${batch[0]!.line} on nothing was taken: ${failure}`);
}

function reasonFor({ status, errors = [] }: Result): string {
  if (status === 'conflict') return 'another event has this id';
  return errors
    .map(
      ({ field, expected, found }) => `${field}: expected ${expected}${found === undefined ? '' : `, found ${found}`}`,
    )
    .join('; ');
}

function inputOf(file: string | undefined, host: NodeJS.Process): Readable {
  return file === undefined || file === '-' ? host.stdin : createReadStream(file);
}

function sizeOf(file: string): number {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile()) throw new UserError(`${file}: expected a file`);
  return found.size;
}
