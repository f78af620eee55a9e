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
    const limitBytes = this.maxPayloadBytes() - MESSAGE_OVERHEAD_BYTES;
    const outgoing: Outgoing[] = [];
    const byId = new Map<string, Outgoing>();
    const newLinks = new Set<string>();
    const settle = events.map((event): (() => AppendOutcome | Promise<AppendOutcome>) => {
      const draft = { event, messageId: messageIdOf(event), digest: hash('sha256', event.raw, 'base64url') };
      const known = this.appends.get(draft.messageId);
      if (known !== undefined) return () => this.compare(draft, known);
      const first = byId.get(draft.messageId);
      if (first !== undefined) return () => this.settleRepeat(draft, first);
      const data = encodeEvent(event);
      if (data.length > limitBytes) return () => ({ outcome: 'too-large', bytes: data.length, limitBytes });
      this.addLink(event, outgoing, newLinks);
      const message: Outgoing = {
        subject: runSubject(this.space, event.tenant, event.run),
        data,
        messageId: draft.messageId,
        traceparent,
      };
      outgoing.push(message);
      byId.set(draft.messageId, message);
      return () => this.settleAck(draft, message);
    });
    if (outgoing.length > 0) await this.commit.append(outgoing);
    for (const link of newLinks) this.links.add(link, true);
    const outcomes: AppendOutcome[] = [];
    for (const outcome of settle) {
      const settled = outcome();
      // Nearly all are known at once: five hundred turns of the microtask queue would be most of a batch's time here.
      outcomes.push(settled instanceof Promise ? await settled : settled);
    }
    return outcomes;
  }

  /** Forgets what was stored: the sequences belong to a stream that is no longer there. */
  forget(): void {
    this.appends.clear();
    this.links.clear();
  }

  /** The link stands right before the first event that needs it, in the same batch. */
  private addLink(event: RunEvent, outgoing: Outgoing[], newLinks: Set<string>): void {
    if (event.session === undefined) return;
    const { tenant, session, run } = event;
    const key = [tenant, session, run].join('\u0000');
    if (newLinks.has(key) || this.links.get(key)) return;
    newLinks.add(key);
    outgoing.push({ subject: sessionSubject(this.space, tenant, session), data: encodeLink({ tenant, session, run }) });
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
    return { sequence, digest: hash('sha256', entry.event.raw, 'base64url') };
  }

  private positionOf(sequence: number): Position {
    return { shard: this.shard, epoch: this.epoch(), sequence };
  }
}

/** Scoped by tenant and run: the server's duplicate check is stream-wide, and ids are only unique within a run. */
export function messageIdOf(event: RunEvent): string {
  // Ids hold no NUL, so the join is injective.
  return hash('sha256', [event.tenant, event.run, event.id].join('\u0000'), 'base64url').slice(0, 27);
}
