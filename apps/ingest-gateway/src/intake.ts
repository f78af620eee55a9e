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
  readonly limits?: Limits;
  readonly hints?: Hints;
  /** Names the event where its own text does not. */
  readonly idempotencyKey?: string;
}

/** What a credential says of who sends. */
export function senderOf({ tenant, limits }: Principal): Pick<Sender, 'tenant' | 'limits'> {
  return { tenant, ...(limits && { limits }) };
}

/** Hears what became of each event, in the order in which its sender is told. */
export type OnResult = (result: EventResult, sender: Sender) => void;

/** Whether a run was erased, as far as this process knows. */
export type IsErased = (tenant: string, run: string) => boolean;

type Read = { readonly event: RunEvent } | { readonly refusal: EventResult };

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
    const [result] = await this.measured(sender, async () => {
      const read = this.read(text, sender, this.contextOf(sender), sender.idempotencyKey);
      if ('refusal' in read) return [read.refusal];
      const [outcome] = await this.append([read.event], sender);
      return [settled(read.event, outcome!)];
    });
    return result!;
  }

  /**
   * Takes several, in this order. Resolves when every valid one is durable; rejects with the log's error when that is
   * not known of all of them.
   */
  takeMany(texts: readonly string[], sender: Sender): Promise<EventResult[]> {
    return this.measured(sender, () => this.appendMany(texts, sender));
  }

  private async measured(sender: Sender, work: () => Promise<EventResult[]>): Promise<EventResult[]> {
    const results = await this.metrics.measure(sender, work);
    for (const result of results) this.onResult(result, sender);
    return results;
  }

  private async appendMany(texts: readonly string[], sender: Sender): Promise<EventResult[]> {
    const key = sender.idempotencyKey;
    const context = this.contextOf(sender);
    const reads = texts.map((text, index) => this.read(text, sender, context, key && `${key}.${index}`));
    const outcomes = await this.append(
      reads.flatMap((read) => ('event' in read ? [read.event] : [])),
      sender,
    );
    let next = 0;
    return reads.map((read) => ('refusal' in read ? read.refusal : settled(read.event, outcomes[next++]!)));
  }

  private append(events: readonly RunEvent[], { dialect }: Sender): Promise<AppendOutcome[]> {
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
      hash: (content: string) => hash('sha256', content, 'base64url'),
      ...(hints && { hints }),
    };
  }
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
