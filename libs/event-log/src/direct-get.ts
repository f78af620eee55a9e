import { createInbox, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { parseTimestamp } from '@runcast/run-events';
import { LogUnavailableError } from './errors.ts';
import { headersOf, type HeaderOf } from './message-head.ts';

/** A message read by Direct Get; the caller knows the shard and epoch that make `sequence` a position. */
export interface DirectMessage {
  readonly subject: string;
  readonly sequence: number;
  readonly storedAt: string;
  readonly data: Uint8Array;
  /** The span that caused it, where it was traced and somebody wants to know. */
  readonly traceparent?: string | undefined;
}

export interface SubjectPage {
  readonly messages: readonly DirectMessage[];
  /** Whether the server said that nothing newer stands on the subject. */
  readonly complete: boolean;
  /** What the same answer goes on with, as soon as that has come: at least one message. May reject unseen. */
  readonly next?: Promise<SubjectPage>;
}

/** How much of a subject is read. */
export interface PageSize {
  /** At most so many messages, or about so many bytes, a page. */
  readonly limit: number;
  readonly maxBytes: number;
  /** How many pages the server sends one behind the other without being asked for each; one unless it is said. */
  readonly pages?: number;
}

/** A page that comes, and when the whole answer that it is a part of has come, or failed. */
export interface Reading {
  readonly page: Promise<SubjectPage>;
  readonly ended: Promise<void>;
}

export interface NewestSequences {
  /** The newest sequence of each subject that has one at or after the asked one. */
  readonly bySubject: ReadonlyMap<string, number>;
  /** Up to where the answering server had applied the stream. A follower may lag behind the leader. */
  readonly appliedUpTo: number;
}

/** The server refuses more than 1,024 subjects in one request. */
const MAX_SUBJECTS = 1_000;
const ANSWER_TIMEOUT_MS = 3_000;

interface Asking {
  /** What has come since the last page. */
  messages: DirectMessage[];
  bytes: number;
  /** What all of the answer stands on, where that was asked for. */
  readonly subject: string | undefined;
  readonly cut: PageSize | undefined;
  /** Whether anything has come since it was last looked. */
  heard: boolean;
  readonly single: boolean;
  /** Of who waits for the page that is coming. */
  resolve: (answer: Answer) => void;
  reject: (error: Error) => void;
  readonly onEnd: (() => void) | undefined;
  readonly timer: NodeJS.Timeout;
}

/** What is known of an answer before it comes. */
interface Expected {
  readonly subject?: string;
  readonly single?: boolean;
  /** Where it is cut. */
  readonly cut?: PageSize | undefined;
  readonly onEnd?: () => void;
}

interface Answer {
  readonly messages: DirectMessage[];
  readonly end: Msg | undefined;
  readonly next?: Promise<Answer>;
}

/**
 * Reads a stream without a consumer (ADR-31). Any replica may answer, so an answer may be older than the newest
 * acknowledged event; callers that know what must be there compare and ask again.
 */
export class DirectGet {
  private readonly asking = new Map<string, Asking>();
  private readonly inbox: string;
  private readonly answers: Subscription;
  private readonly api: string;
  private nextToken = 0;

  constructor(
    private readonly connection: NatsConnection,
    stream: string,
    inboxPrefix: string | undefined,
  ) {
    this.inbox = createInbox(inboxPrefix);
    this.api = `$JS.API.DIRECT.GET.${stream}`;
    // One subscription for every answer: a subscription per request would cost two protocol lines each time.
    this.answers = connection.subscribe(`${this.inbox}.*`, { callback: (_error, message) => this.onMessage(message) });
  }

  /** What stands on one subject after `after`, oldest first. */
  readSubject(subject: string, after: number, size: PageSize): Reading {
    const { limit, maxBytes, pages = 1 } = size;
    const request = { seq: after + 1, next_by_subj: subject, batch: limit * pages, max_bytes: maxBytes * pages };
    let onEnd = (): void => undefined;
    const ended = new Promise<void>((resolve) => (onEnd = resolve));
    return { page: this.ask(request, { subject, cut: pages > 1 ? size : undefined, onEnd }).then(toPage), ended };
  }

  /** The newest sequences of many subjects; those that have nothing after `after` are left out. */
  async newest(subjects: readonly string[], after: number): Promise<NewestSequences> {
    const bySubject = new Map<string, number>();
    let appliedUpTo = Number.MAX_SAFE_INTEGER;
    for (let from = 0; from < subjects.length; from += MAX_SUBJECTS) {
      const asked = subjects.slice(from, from + MAX_SUBJECTS);
      const answer = await this.ask({ multi_last: asked, seq: after + 1, batch: asked.length });
      for (const message of answer.messages) bySubject.set(message.subject, message.sequence);
      const upTo = answer.end?.headers?.get('Nats-UpTo-Sequence');
      appliedUpTo = Math.min(appliedUpTo, Number(upTo || 0));
    }
    return { bySubject, appliedUpTo: subjects.length === 0 ? 0 : appliedUpTo };
  }

  /** The message at one sequence; `undefined` when nothing stands there. */
  async bySequence(sequence: number): Promise<DirectMessage | undefined> {
    return (await this.ask({ seq: sequence }, { single: true })).messages[0];
  }

  close(): void {
    this.answers.unsubscribe();
    for (const token of [...this.asking.keys()]) this.fail(token, new LogUnavailableError('disconnected', 'closing'));
  }

  private ask(request: object, { subject, single = false, cut, onEnd }: Expected = {}): Promise<Answer> {
    const token = String((this.nextToken += 1));
    return new Promise<Answer>((resolve, reject) => {
      const timer = setTimeout(() => this.onSilence(token), ANSWER_TIMEOUT_MS);
      const nothingYet = { messages: [], bytes: 0, heard: false };
      this.asking.set(token, { ...nothingYet, subject, cut, single, resolve, reject, onEnd, timer });
      try {
        this.connection.publish(this.api, JSON.stringify(request), { reply: `${this.inbox}.${token}` });
      } catch (error) {
        this.fail(token, new LogUnavailableError('disconnected', (error as Error).message, 2, { cause: error }));
      }
    });
  }

  private onMessage(message: Msg): void {
    const token = message.subject.slice(this.inbox.length + 1);
    const asking = this.asking.get(token);
    if (asking === undefined) return;
    const headers = headersOf(message);
    if (headers === undefined) return this.onStatus(token, message);
    const stored = toDirectMessage(message, headers, asking.subject);
    if (asking.cut !== undefined && isFull(asking, asking.cut)) turnPage(asking);
    asking.messages.push(stored);
    asking.bytes += stored.data.length;
    asking.heard = true;
    if (asking.single) this.finish(token, undefined);
  }

  private onStatus(token: string, message: Msg): void {
    const status = message.headers?.code;
    if (status === 204 || status === 404) this.finish(token, message);
    else if (status === 503) this.fail(token, new LogUnavailableError('no-leader', 'nobody serves Direct Get'));
    else
      this.fail(
        token,
        new LogUnavailableError('refused', `Direct Get: ${status} ${message.headers?.description ?? ''}`),
      );
  }

  /** The server is given up when a whole interval has brought nothing. */
  private onSilence(token: string): void {
    const asking = this.asking.get(token)!;
    if (!asking.heard) return this.fail(token, new LogUnavailableError('timeout', 'no answer to a Direct Get'));
    asking.heard = false;
    asking.timer.refresh();
  }

  private finish(token: string, end: Msg | undefined): void {
    const asking = this.take(token);
    asking?.resolve({ messages: asking.messages, end });
  }

  private fail(token: string, error: Error): void {
    this.take(token)?.reject(error);
  }

  private take(token: string): Asking | undefined {
    const asking = this.asking.get(token);
    if (asking === undefined) return undefined;
    clearTimeout(asking.timer);
    this.asking.delete(token);
    asking.onEnd?.();
    return asking;
  }
}

function isFull({ messages, bytes }: Asking, { limit, maxBytes }: PageSize): boolean {
  return messages.length >= limit || (bytes >= maxBytes && messages.length > 0);
}

/**
 * Hands over the page that has come and begins the next. Not before there is something for that one: whoever is told of a
 * next page finds something in it.
 */
function turnPage(asking: Asking): void {
  const { resolve, messages } = asking;
  const next = new Promise<Answer>((onAnswer, onError) => {
    asking.resolve = onAnswer;
    asking.reject = onError;
  });
  asking.messages = [];
  asking.bytes = 0;
  resolve({ messages, end: undefined, next });
}

function toPage({ messages, end, next }: Answer): SubjectPage {
  if (next === undefined) {
    return { messages, complete: Number(end?.headers?.get('Nats-Num-Pending') ?? 0) === 0 };
  }
  const page = next.then(toPage);
  // Nobody need want it.
  page.catch(() => undefined);
  return { messages, complete: false, next: page };
}

function toDirectMessage(message: Msg, header: HeaderOf, subject?: string): DirectMessage {
  return {
    subject: subject ?? header('Nats-Subject'),
    sequence: Number(header('Nats-Sequence')),
    storedAt: parseTimestamp(header('Nats-Time-Stamp')) ?? '',
    data: message.data,
  };
}
