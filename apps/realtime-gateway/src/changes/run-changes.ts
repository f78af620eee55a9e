import type { EventLog } from '@runcast/event-log';
import { listNamedRuns } from '@runcast/read-models';
import type { Principal } from '@runcast/service-host';
import type { FastifyReply } from 'fastify';
import { runBody } from '../rest/bodies.ts';
import type { Reads } from '../rest/reads.ts';
import { sseFrame } from '../stream/encoded-event.ts';
import type { Feeds } from '../stream/feeds.ts';
import { SseClient } from '../stream/sse-client.ts';
import { TenantChanges, type Change } from './tenant-changes.ts';

/** Tells open lists which runs change. */
export class RunChanges {
  private readonly tenants = new Map<string, { readonly changes: TenantChanges; readers: number }>();

  constructor(
    private readonly log: EventLog,
    private readonly reads: Reads,
    private readonly feeds: Feeds,
  ) {}

  /** Serves the changes of the viewer's tenant as an SSE response until one side ends it, or the key is good no longer. */
  async serve(viewer: Principal, reply: FastifyReply): Promise<void> {
    // A stream writes nothing to HEAD, so it would never begin: its client would wait, and we for it.
    if (reply.request.method === 'HEAD') return void reply.type('text/event-stream; charset=utf-8').send();
    const { tenant } = viewer;
    const entry = this.tenants.get(tenant) ?? this.open(tenant);
    entry.readers += 1;
    try {
      await entry.changes.established;
      await this.tell(entry.changes, viewer, reply);
    } finally {
      entry.readers -= 1;
      if (entry.readers === 0) {
        this.tenants.delete(tenant);
        entry.changes.close();
      }
    }
  }

  private async tell(changes: TenantChanges, viewer: Principal, reply: FastifyReply): Promise<void> {
    reply.hijack();
    const client = new SseClient(reply.raw, this.feeds.times);
    const { promise: left, resolve: leave } = Promise.withResolvers<void>();
    const removeStream = this.feeds.streams.add('sse', (retryMs) => {
      client.end(retryMs);
      leave();
    });
    const credential = this.feeds.credentials.watch(viewer, () => {
      client.end();
      leave();
    });
    const tell = teller(client, () => reply.raw.destroy());
    // A key that may see only some runs learns that something has changed; the list it then reads is cut to its limits.
    const stop = changes.listen(viewer.limits === undefined ? tell : () => tell({ kind: 'many' }));
    reply.raw.on('close', leave);
    if (reply.raw.destroyed) leave();
    await left;
    stop();
    credential.stop();
    removeStream();
  }

  private open(tenant: string) {
    const positionOf = this.reads.positionOf(tenant);
    const source = {
      shard: this.log.shardFor(tenant),
      whenProjected: (position: string) => this.reads.waitFor(position),
      readRuns: async (runs: readonly string[]) => {
        const found = await listNamedRuns(this.reads.database, { tenant, runs });
        return JSON.stringify({ runs: found.map((run) => runBody(run, positionOf)) });
      },
    };
    const entry = { changes: new TenantChanges(source, tenant), readers: 0 };
    this.tenants.set(tenant, entry);
    return entry;
  }
}

/** Tells one client. For one that does not read, nothing is kept: it is told to read its list anew once it does. */
function teller(client: SseClient, cutOff: () => void): (change: Change) => void {
  let isBusy = false;
  let isBehind = false;
  const tell = async (change: Change): Promise<void> => {
    isBusy = true;
    try {
      const data = change.kind === 'runs' ? change.text : '{}';
      await client.write(sseFrame({ event: change.kind, data }));
    } catch {
      return cutOff();
    }
    isBusy = false;
    if (!isBehind) return;
    isBehind = false;
    await tell({ kind: 'many' });
  };
  return (change) => {
    if (isBusy) isBehind = true;
    else void tell(change);
  };
}
