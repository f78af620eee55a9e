import { DUPLICATE_WINDOW_MS, type AppendFacts, type AppendOutcome, type EventLog } from '@runcast/event-log';
import type { EventKey, StoredEvent } from '@runcast/read-models';
import type { RunEvent } from '@runcast/run-events';

/** Looks events up where they are kept beyond the log's own duplicate window. */
export type FindStored = (tenant: string, keys: readonly EventKey[]) => Promise<readonly StoredEvent[]>;

/** The projection lags behind the log; events younger than this may not be in the tables yet, older ones are. */
const MARGIN_MS = DUPLICATE_WINDOW_MS / 2;

/**
 * Appends, and recognises an event that was sent before however long ago.
 *
 * The log recognises a repeated id for its duplicate window only. Beyond it a client that was offline and sends again what
 * it never saw acknowledged would put a second copy into the log: the tables would drop it, every feed would show it. A
 * run that is younger than the window cannot have older events; for the others the tables are asked.
 */
export class AppendOnce {
  constructor(
    private readonly log: Pick<EventLog, 'append' | 'shardFor'>,
    private readonly findStored: FindStored,
    /** Told when the tables could not be asked. The events are then appended: taking them matters more. */
    private readonly onFault: (error: unknown) => void,
    private readonly now: () => number = Date.now,
  ) {}

  append(events: readonly RunEvent[], facts?: AppendFacts): Promise<AppendOutcome[]> {
    const youngest = this.now() - MARGIN_MS;
    // Nearly always: then there is nothing to wait for, and nothing to be made for each event.
    if (this.allKnownYoung(events, youngest)) return this.log.append(events, facts);
    return this.appendUnlessStored(events, youngest, facts);
  }

  private allKnownYoung(events: readonly RunEvent[], youngest: number): boolean {
    let young: string | undefined;
    return events.every(({ run, tenant }) => {
      if (run === young) return true;
      young = run;
      return (this.log.shardFor(tenant).knownBeginning(tenant, run) ?? -Infinity) >= youngest;
    });
  }

  private async appendUnlessStored(
    events: readonly RunEvent[],
    youngest: number,
    facts?: AppendFacts,
  ): Promise<AppendOutcome[]> {
    const old = await this.ofOldRuns(events, youngest);
    const stored = old.length === 0 ? [] : await this.find(old);
    if (stored.length === 0) return this.log.append(events, facts);
    const byKey = new Map(stored.map((one) => [keyOf(one), one]));
    const fresh = events.filter((event) => !byKey.has(keyOf(event)));
    const outcomes = (await this.log.append(fresh, facts)).values();
    return events.map((event) => {
      const one = byKey.get(keyOf(event));
      return one === undefined ? outcomes.next().value! : this.repeated(event, one);
    });
  }

  private async ofOldRuns(events: readonly RunEvent[], youngest: number): Promise<RunEvent[]> {
    const runs = new Map(events.map((event) => [event.run, event.tenant]));
    const old = new Set<string>();
    const look = async (run: string, tenant: string): Promise<void> => {
      if ((await this.log.shardFor(tenant).runBeganAt(tenant, run, this.now)) < youngest) old.add(run);
    };
    // Side by side: each question to a log that is writing waits for the disk.
    await Promise.all([...runs].map(([run, tenant]) => look(run, tenant)));
    return events.filter(({ run }) => old.has(run));
  }

  private async find(events: readonly RunEvent[]): Promise<readonly StoredEvent[]> {
    try {
      return await this.findStored(events[0]!.tenant, events);
    } catch (error) {
      this.onFault(error);
      return [];
    }
  }

  private repeated(event: RunEvent, stored: StoredEvent): AppendOutcome {
    const { number, epoch } = this.log.shardFor(event.tenant);
    const outcome = stored.raw === event.raw ? 'duplicate' : 'conflict';
    return { outcome, position: { shard: number, epoch, sequence: stored.sequence } };
  }
}

/** Ids hold no NUL, so the join is injective. */
function keyOf({ run, id }: EventKey): string {
  return `${run}\u0000${id}`;
}
