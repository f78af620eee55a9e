import type { EventLog, Shard } from '@runcast/event-log';
import type { Database } from '@runcast/read-models';
import { Problem } from '@runcast/service-host';
import type { PositionOf } from './bodies.ts';
import type { PageKeys, PageScope } from './page-keys.ts';
import type { QueryReader } from './query-reader.ts';
import type { ReadYourWrites } from './read-your-writes.ts';

/** What every list and every single resource is read with. */
export class Reads {
  constructor(
    readonly database: Database,
    private readonly log: EventLog,
    private readonly pageKeys: PageKeys,
    private readonly readYourWrites: ReadYourWrites,
  ) {}

  shardOf(tenant: string): Shard {
    return this.log.shardFor(tenant);
  }

  positionOf(tenant: string): PositionOf {
    const { number, epoch } = this.log.shardFor(tenant);
    return (sequence) => ({ shard: number, epoch, sequence });
  }

  /** Reads `limit` and `page_key`. A key that was made for another question is refused. */
  readPage(query: QueryReader, scope: PageScope): { limit: number; after?: number } {
    const limit = query.wholeNumber('limit', { min: 1, max: 200, otherwise: 50 });
    const key = query.text('page_key');
    const after = key === undefined ? undefined : this.pageKeys.open(key, scope);
    if (key !== undefined && after === undefined)
      query.refuse('page_key', 'next_page_key of the page before, for the same filters');
    return { limit, ...(after !== undefined && { after }) };
  }

  nextPage(next: number | undefined, scope: PageScope): { next_page_key?: string } {
    return next === undefined ? {} : { next_page_key: this.pageKeys.seal(next, scope) };
  }

  /** Reads `wait_for`, ends the reading of the query, and waits until the tables have come to that position. */
  async wait(query: QueryReader): Promise<void> {
    const token = query.text('wait_for');
    query.finish();
    await this.waitFor(token);
  }

  /** Waits until the tables have come to a position. */
  waitFor(token: string | undefined): Promise<void> {
    return this.readYourWrites.wait(token);
  }
}

/** The same words for what does not exist and for what belongs to another tenant. */
export function notFound(what: 'run' | 'session'): Problem {
  return new Problem('not_found', { detail: `There is no such ${what}.` });
}
