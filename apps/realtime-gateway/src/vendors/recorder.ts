import { hash, randomUUID } from 'node:crypto';
import { dialects, type Hints } from '@runcast/dialects';
import type { AppendOutcome, EventLog } from '@runcast/event-log';
import { takeIn } from '@runcast/redaction';
import { timestampFromMs, type DialectName, type JsonObject, type Position } from '@runcast/run-events';
import { currentTraceparent, Problem, type RedactorOf } from '@runcast/service-host';

export interface Recording {
  readonly tenant: string;
  readonly dialect: DialectName;
  readonly body: JsonObject;
  /** The same id twice is one event. A new one unless told. */
  readonly id?: string;
  readonly hints: Hints;
}

export type Recorded = Extract<AppendOutcome, { readonly position: Position }>;

/** Appends what clients of this gateway say about runs, as the ingest gateway would have taken it in. */
export class Recorder {
  constructor(
    private readonly log: Pick<EventLog, 'append'>,
    private readonly redactorOf: RedactorOf,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * Resolves when the event is durable, to where it stands; with an id that is there already, to where that one stands.
   *
   * @throws {Problem} `invalid_request` when it is no event of its format
   */
  async record(recording: Recording): Promise<Position> {
    return (await this.recordOnce(recording)).position;
  }

  /** The same, and whether it was there already: this very event, or under its id another, which stays. */
  async recordOnce({ tenant, dialect, body, id, hints }: Recording): Promise<Recorded> {
    const context = {
      tenant,
      now: timestampFromMs(this.now()),
      newId: randomUUID,
      hash: (text: string) => hash('sha256', text, 'base64url'),
      hints,
      ...(id !== undefined && { idempotencyKey: id }),
    };
    const decoded = takeIn(JSON.stringify(body), this.redactorOf(tenant), context, (redacted, ids) =>
      dialects[dialect].decode(redacted, ids),
    );
    if (!decoded.ok) {
      throw new Problem('invalid_request', { detail: 'The body holds no valid event.', errors: decoded.problems });
    }
    const [outcome] = await this.log.append([decoded.event], { traceparent: currentTraceparent() });
    if (outcome && 'position' in outcome) return outcome;
    throw new Problem('payload_too_large', { detail: 'The event is larger than the log takes.' });
  }
}
