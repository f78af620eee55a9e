import { hash } from 'node:crypto';
import type { Position, RunEvent } from '@runcast/run-events';
import type { DirectGet } from './direct-get.ts';
import type { GroupCommit } from './group-commit.ts';
import type { Outgoing } from './publisher.ts';
import { decodeMessage, encodeEvent, encodeLink } from './record.ts';
import { RecentlySeen } from './recently-seen.ts';
import { runSubject, sessionSubject, type SubjectSpace } from './subjects.ts';

/** What became of one event of an append. */
export type AppendOutcome =
  /** Stored and acknowledged: fsynced, on a quorum where there are replicas. */
  | { readonly outcome: 'stored'; readonly position: Position }
  /** An event of this id with the same text stands at `position`. */
  | { readonly outcome: 'duplicate'; readonly position: Position }
  /** Another text was stored under this id; this event was not. */
  | { readonly outcome: 'conflict'; readonly position: Position }
  | { readonly outcome: 'too-large'; readonly bytes: number; readonly limitBytes: number };

/** What is known of an append beside its events. */
export interface AppendFacts {
  /** The span that causes it, as a W3C header; stored beside each event. */
  readonly traceparent?: string | undefined;
}

/** The most events in one append: with a link for each they still fit one atomic batch of 1,000. */
export const MAX_APPEND_EVENTS = 500;

/** Headers of an atomic batch and the subject count towards the server's max_payload. */
const MESSAGE_OVERHEAD_BYTES = 16 * 1024;
const REMEMBERED_APPENDS = 50_000;
const REMEMBERED_LINKS = 100_000;

interface Remembered {
  readonly sequence: number;
  /** Hash of the raw text, to tell a retry from another event under the same id. */
  readonly digest: string;
}

interface Draft {
  readonly event: RunEvent;
  readonly messageId: string;
  readonly digest: string;
}

/** What the events of one append have in common until it is stored. Most are of one event, so sets are made when they are needed. */
interface Together {
  readonly outgoing: Outgoing[];
  /** Absent for a single event, which nothing can repeat. */
  readonly byId: Map<string, Outgoing> | undefined;
  newLinks: Set<string> | undefined;
}

/** Tells what became of one event, when all is stored. */
type Settle = () => AppendOutcome | Promise<AppendOutcome>;

/**
 * Appends the events of one shard. Remembers what it stored lately: a retry through the same gateway, the usual case,
 * is answered without the log, also beyond the stream's duplicate window, and does not force its neighbours in the
 * group commit onto the slow path.
 */
export class Appender {
  private readonly appends = new RecentlySeen<Remembered>(REMEMBERED_APPENDS);
  private readonly links = new RecentlySeen<true>(REMEMBERED_LINKS);

  constructor(
    private readonly shard: number,
    private readonly space: SubjectSpace,
    private readonly commit: GroupCommit,
    private readonly directGet: DirectGet,
    private readonly maxPayloadBytes: () => number,
    private readonly epoch: () => string,
  ) {}

  /** One outcome per event, in order. Resolves when everything stored is durable. */
  async append(events: readonly RunEvent[], { traceparent }: AppendFacts = {}): Promise<AppendOutcome[]> {
    const together: Together = { outgoing: [], byId: events.length > 1 ? new Map() : undefined, newLinks: undefined };
    const settle = events.map((event) => this.plan(event, together, traceparent));
    if (together.outgoing.length > 0) await this.commit.append(together.outgoing);
    together.newLinks?.forEach((link) => this.links.add(link, true));
    const outcomes: AppendOutcome[] = [];
    for (const outcome of settle) {
      const settled = outcome();
      // Nearly all are known at once: five hundred turns of the microtask queue would be most of a batch's time here.
      outcomes.push(settled instanceof Promise ? await settled : settled);
    }
    return outcomes;
  }

  /** Adds what an event takes to what is stored; answers how to tell, once that is stored, what became of it. */
  private plan(event: RunEvent, together: Together, traceparent: string | undefined): Settle {
    const draft = { event, messageId: messageIdOf(event), digest: digestOf(event) };
    const known = this.appends.get(draft.messageId);
    if (known !== undefined) return () => this.compare(draft, known);
    const first = together.byId?.get(draft.messageId);
    if (first !== undefined) return () => this.settleRepeat(draft, first);
    const data = encodeEvent(event);
    const limitBytes = this.maxPayloadBytes() - MESSAGE_OVERHEAD_BYTES;
    if (data.length > limitBytes) return () => ({ outcome: 'too-large', bytes: data.length, limitBytes });
    this.addLink(event, together);
    const subject = runSubject(this.space, event.tenant, event.run);
    const message: Outgoing = { subject, data, messageId: draft.messageId, traceparent };
    together.outgoing.push(message);
    together.byId?.set(draft.messageId, message);
    return () => this.settleAck(draft, message);
  }

  /** Forgets what was stored: the sequences belong to a stream that is no longer there. */
  forget(): void {
    this.appends.clear();
    this.links.clear();
  }

  /** The link stands right before the first event that needs it, in the same batch. */
  private addLink({ tenant, session, run }: RunEvent, together: Together): void {
    if (session === undefined) return;
    const key = `${tenant}\u0000${session}\u0000${run}`;
    if (this.links.get(key) || together.newLinks?.has(key)) return;
    together.newLinks = (together.newLinks ?? new Set<string>()).add(key);
    together.outgoing.push({
      subject: sessionSubject(this.space, tenant, session),
      data: encodeLink({ tenant, session, run }),
    });
  }

  private settleAck(draft: Draft, message: Outgoing): AppendOutcome | Promise<AppendOutcome> {
    const { sequence, duplicate } = message.ack!;
    if (duplicate) return this.settleDuplicate(draft, sequence);
    this.appends.add(draft.messageId, { sequence, digest: draft.digest });
    return { outcome: 'stored', position: this.positionOf(sequence) };
  }

  private async settleDuplicate(draft: Draft, sequence: number): Promise<AppendOutcome> {
    const original = await this.readOriginal(sequence);
    if (original === undefined) return { outcome: 'duplicate', position: this.positionOf(sequence) };
    this.appends.add(draft.messageId, original);
    return this.compare(draft, original);
  }

  /** The same id a second time in one append. */
  private settleRepeat(draft: Draft, first: Outgoing): AppendOutcome {
    const known = this.appends.get(draft.messageId);
    if (known !== undefined) return this.compare(draft, known);
    return { outcome: 'duplicate', position: this.positionOf(first.ack!.sequence) };
  }

  private compare(draft: Draft, stored: Remembered): AppendOutcome {
    const outcome = stored.digest === draft.digest ? 'duplicate' : 'conflict';
    return { outcome, position: this.positionOf(stored.sequence) };
  }

  /** The server's duplicate check does not look at the payload: another event under the same id would vanish. */
  private async readOriginal(sequence: number): Promise<Remembered | undefined> {
    const message = await this.directGet.bySequence(sequence);
    if (message === undefined) return undefined;
    const entry = decodeMessage(this.space, { ...message, position: this.positionOf(sequence) });
    if (entry.kind !== 'event') return undefined;
    return { sequence, digest: digestOf(entry.event) };
  }

  private positionOf(sequence: number): Position {
    return { shard: this.shard, epoch: this.epoch(), sequence };
  }
}

/** Scoped by tenant and run: the server's duplicate check is stream-wide, and ids are only unique within a run. */
export function messageIdOf(event: RunEvent): string {
  // Ids hold no NUL, so the join is injective.
  return hash('sha256', `${event.tenant}\u0000${event.run}\u0000${event.id}`, 'base64url').slice(0, 27);
}

function digestOf({ raw }: RunEvent): string {
  return hash('sha256', raw, 'binary');
}
