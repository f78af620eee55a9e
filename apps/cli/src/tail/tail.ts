import { watchFrames, watchRun, watchSession, WatchError, type FeedKey, type WatchedEvent } from '@runcast/client';
import { DIALECT_NAMES, type DialectName } from '@runcast/run-events';
import picocolors from 'picocolors';
import { readDuration } from '../duration.ts';
import { UserError } from '../errors.ts';
import { gatewaysOf, type Gateways } from '../gateways.ts';
import { readApi } from '../read-api.ts';
import { plainLine, timelineLine } from './timeline.ts';

export interface TailOptions {
  /** A session, although there may be a run of this name. */
  readonly session: boolean;
  /** A duration, or a position. */
  readonly since?: string;
  readonly type?: string;
  readonly dialect?: string;
  readonly json: boolean;
  readonly follow: boolean;
}

const NARROW = 100;

/** `runcast tail`: a run or session, what is there and then live, until the run ends or Ctrl-C. */
export async function tail(id: string, options: TailOptions, root: string, host: NodeJS.Process): Promise<number> {
  const gateways = gatewaysOf(host.env, root);
  const stopping = new AbortController();
  host.once('SIGINT', () => stopping.abort());
  const key = options.session ? { session: id } : await keyOf(gateways, id);
  const place = { gateways, key, stopping: stopping.signal, host };
  try {
    if (options.dialect === undefined) await tailEvents(place, options);
    else await tailFrames(place, dialectOf(options.dialect), options);
  } catch (error) {
    throw error instanceof WatchError ? new UserError(error.message) : error;
  }
  return 0;
}

interface Place {
  readonly gateways: Gateways;
  readonly key: FeedKey;
  readonly stopping: AbortSignal;
  readonly host: NodeJS.Process;
}

async function tailEvents({ gateways, key, stopping, host }: Place, options: TailOptions): Promise<void> {
  const { from, watching } = begin(options, stopping, host);
  const connection = { url: gateways.realtimeUrl, apiKey: gateways.apiKey };
  const events =
    'run' in key ? watchRun(connection, key.run, watching) : watchSession(connection, key.session, watching);
  const look = { columns: host.stdout.columns ?? NARROW, colors: picocolors };
  let before: WatchedEvent | undefined;
  for await (const event of events) {
    if (from !== undefined && Date.parse(event.received_at ?? event.occurred_at) < from) continue;
    const line = host.stdout.isTTY ? timelineLine(event, before, look) : plainLine(event);
    host.stdout.write(`${options.json ? JSON.stringify(event) : line}\n`);
    before = event;
  }
}

async function tailFrames(place: Place, dialect: DialectName, options: TailOptions): Promise<void> {
  const { gateways, key, stopping, host } = place;
  const { from, watching } = begin(options, stopping, host);
  if (from !== undefined) throw new UserError('--since: expected a position together with --dialect');
  const connection = { url: gateways.realtimeUrl, apiKey: gateways.apiKey };
  for await (const { event, data } of watchFrames(connection, key, dialect, watching)) {
    host.stdout.write(`${event === undefined || options.json ? '' : `${event} `}${data}\n`);
  }
}

function begin({ since, type, follow }: TailOptions, signal: AbortSignal, host: NodeJS.Process) {
  // A position has dots in it, a duration none.
  const after = since?.includes('.') ? since : undefined;
  const from = since === undefined || after !== undefined ? undefined : Date.now() - readDuration('--since', since);
  const tell = (line: string): void => void host.stderr.write(`${line}\n`);
  const watching = {
    signal,
    follow,
    ...(after !== undefined && { after }),
    ...(type !== undefined && { types: type.split(',').map((each) => each.trim()) }),
    onReset: ({ reason }: { reason: string }) => tell(`-- from the start again: ${reason}`),
    onReconnect: ({ delayMs, detail }: { delayMs: number; detail: string }) =>
      tell(`-- ${detail}; again in ${Math.round(delayMs)} ms`),
  };
  return { from, watching };
}

/** A run of this id, else a session; what is neither is a run that has not begun. */
async function keyOf(gateways: Gateways, id: string): Promise<FeedKey> {
  const name = encodeURIComponent(id);
  if ((await readApi(gateways, `/v1/runs/${name}`)) !== undefined) return { run: id };
  if ((await readApi(gateways, `/v1/sessions/${name}`)) !== undefined) return { session: id };
  return { run: id };
}

function dialectOf(name: string): DialectName {
  const found = DIALECT_NAMES.find((each) => each === name);
  if (found === undefined) throw new UserError(`--dialect: expected one of ${DIALECT_NAMES.join(', ')}`);
  return found;
}
