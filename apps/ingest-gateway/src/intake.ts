import { hash, randomUUID } from 'node:crypto';
import { dialects, type DecodeContext, type Decoded, type Hints } from '@runcast/dialects';
import type { AppendOutcome, EventLog } from '@runcast/event-log';
import { takeIn } from '@runcast/redaction';
import { timestampFromMs, type DialectName, type RunEvent } from '@runcast/run-events';
import {
  currentTraceparent,
  describeSpan,
  Metrics,
  requireWithin,
  type Limits,
  type Principal,
  type RedactorOf,
} from '@runcast/service-host';
import type { EventResult } from './event-result.ts';
import { IngestMetrics, type IntakeName } from './ingest-metrics.ts';
import { MAX_EVENT_BYTES } from './limits.ts';

/** Who sends events, in which format, and what the request says about them beside their own text. */
export interface Sender {
  readonly tenant: string;
  readonly dialect: DialectName;
  readonly intake: IntakeName;
  /** Names that the sender is limited to; absent: all of the tenant. */
  readonly limits?: Limits | undefined;
  readonly hints?: Hints | undefined;
  /** Names the event where its own text does not. */
  readonly idempotencyKey?: string | undefined;
}

/** What a credential says of who sends. */
export function senderOf({ tenant, limits }: Principal): Pick<Sender, 'tenant' | 'limits'> {
  return { tenant, limits };
}

/** Hears what became of each event, in the order in which its sender is told. */
export type OnResult = (result: EventResult, sender: Sender) => void;

/** Whether a run was erased, as far as this process knows. */
export type IsErased = (tenant: string, run: string) => boolean;

type Read =
  | { readonly event: RunEvent; readonly refusal?: undefined }
  | { readonly event?: undefined; readonly refusal: EventResult };

/** The idempotency key of one event of a request. */
type KeyOf = (index: number) => string | undefined;

/** The way of events into the log: redacted, decoded, then appended, then told apart by what became of each. */
export class Intake {
  constructor(
    private readonly log: Pick<EventLog, 'append'>,
    private readonly redactorOf: RedactorOf,
    private readonly metrics = new IngestMetrics(new Metrics()),
    private readonly now: () => number = Date.now,
    private readonly isErased: IsErased = () => false,
    private readonly onResult: OnResult = () => undefined,
  ) {}

  async takeOne(text: string, sender: Sender): Promise<EventResult> {
    const [result] = await this.take([text], sender, () => sender.idempotencyKey);
    return result!;
  }

  /**
   * Takes several, in this order. Resolves when every valid one is durable; rejects with the log's error when that is
   * not known of all of them.
   */
  takeMany(texts: readonly string[], sender: Sender): Promise<EventResult[]> {
    const key = sender.idempotencyKey;
    return this.take(texts, sender, (index) => key && `${key}.${index}`);
  }

  private async take(texts: readonly string[], sender: Sender, keyOf: KeyOf): Promise<EventResult[]> {
    const ended = this.metrics.begin(sender);
    let results: EventResult[] | undefined;
    try {
      const context = this.contextOf(sender);
      const reads = texts.map((text, index) => this.read(text, sender, context, keyOf(index)));
      const outcomes = await this.append(eventsOf(reads), sender);
      let next = 0;
      results = reads.map((read) => read.refusal ?? settled(read.event, outcomes[next++]!));
    } finally {
      ended(results);
    }
    for (const result of results) this.onResult(result, sender);
    return results;
  }

  private append(events: readonly RunEvent[], { dialect }: Sender): AppendOutcome[] | Promise<AppendOutcome[]> {
    if (events.length === 0) return [];
    describeSpan({ 'runcast.dialect': dialect, 'runcast.events': events.length });
    return this.log.append(events, { traceparent: currentTraceparent() });
  }

  private read(text: string, sender: Sender, context: DecodeContext, idempotencyKey: string | undefined): Read {
    const bytes = Buffer.byteLength(text);
    if (bytes > MAX_EVENT_BYTES) return { refusal: { status: 'too_large', bytes, limitBytes: MAX_EVENT_BYTES } };
    const ids = idempotencyKey === undefined ? context : { ...context, idempotencyKey };
    const decoded = this.decode(text, sender, ids);
    if (!decoded.ok) return { refusal: { status: 'invalid', errors: decoded.problems } };
    // Refuses the whole request, before anything of it is stored.
    requireWithin(sender, decoded.event);
    if (this.isErased(sender.tenant, decoded.event.run)) return { refusal: { status: 'erased' } };
    return { event: decoded.event };
  }

  private decode(text: string, { tenant, dialect }: Sender, context: DecodeContext): Decoded {
    return takeIn(text, this.redactorOf(tenant), context, (redacted, ids) => dialects[dialect].decode(redacted, ids));
  }

  /** What all events of a request have in common, made once for them. */
  private contextOf(sender: Sender): DecodeContext {
    const hints = hintsOf(sender);
    return {
      tenant: sender.tenant,
      now: timestampFromMs(this.now()),
      newId: randomUUID,
      hash: sha256,
      ...(hints && { hints }),
    };
  }
}

function sha256(content: string): string {
  return hash('sha256', content, 'base64url');
}

function eventsOf(reads: readonly Read[]): RunEvent[] {
  const events: RunEvent[] = [];
  for (const { event } of reads) if (event !== undefined) events.push(event);
  return events;
}

/** A sender who may speak for one agent only, or into one session only, need not name it in each event. */
function hintsOf({ limits, hints }: Sender): Hints | undefined {
  if (limits === undefined) return hints;
  const [agent, ...otherAgents] = limits.agents ?? [];
  const [session, ...otherSessions] = limits.sessions ?? [];
  return {
    ...(agent !== undefined && otherAgents.length === 0 && { agent }),
    ...(session !== undefined && otherSessions.length === 0 && { session }),
    ...hints,
  };
}

function settled(event: RunEvent, outcome: AppendOutcome): EventResult {
  if (outcome.outcome === 'too-large') {
    return { status: 'too_large', bytes: outcome.bytes, limitBytes: outcome.limitBytes };
  }
  return { status: outcome.outcome, event, position: outcome.position };
}
