import {
  connect,
  headers as createHeaders,
  NoRespondersError,
  RequestError,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  type Subscription,
} from '@nats-io/transport-node';
import type { JsonObject } from '@runcast/run-events';
import { readJson } from './agent-command.ts';
import { loginOptions, type NatsLogin } from './login.ts';
import { Subjects } from './subjects.ts';

export interface MessagingOptions {
  /** Comma-separated NATS URLs. */
  readonly servers: string;
  /** Shown in the server's connection list. */
  readonly clientName: string;
  readonly namespace?: string;
  /** Default: none, for a NATS that asks for none. */
  readonly login?: NatsLogin;
  /** Copies of the streams for commands in a NATS cluster, where they are created. 1 unless told. */
  readonly replicas?: number;
}

export const TRACEPARENT = 'traceparent';

/** What became of a question to whoever listens. */
export type Reply =
  | { readonly outcome: 'answered'; readonly body: JsonObject }
  /** The server knows that nobody listens. */
  | { readonly outcome: 'nobody' }
  /** No answer in time: it may or may not have been heard. */
  | { readonly outcome: 'unknown'; readonly detail: string };

/** One message that wants an answer. */
export interface Question {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly header: (name: string) => string | undefined;
}

export interface AnswerLimits {
  readonly subject: string;
  /** Of everybody who answers under this name, one gets each message. */
  readonly queue: string;
  readonly maxUnderWay: number;
  /** Answered at once to what is above the limit: waiting messages would fill the memory and be answered too late. */
  readonly overloaded: () => object;
}

export interface Answering {
  /** Resolves when the server knows that we listen. */
  readonly established: Promise<void>;
  readonly underWay: number;
  /** Takes no more, answers what it has taken, and resolves. */
  stop(): Promise<void>;
}

/** One connection to NATS for everything that is not the log: commands, questions and answers in JSON. */
export class Messaging {
  /** For this library only. */
  readonly connection: NatsConnection;
  readonly subjects: Subjects;
  readonly namespace: string;
  readonly replicas: number;
  readonly #reconnectListeners = new Set<() => void>();
  #connected = true;

  private constructor(connection: NatsConnection, namespace: string, replicas: number) {
    this.connection = connection;
    void this.#followConnection();
    this.subjects = new Subjects(namespace);
    this.namespace = namespace;
    this.replicas = replicas;
  }

  /** Fails when NATS cannot be reached now; once connected, reconnects for ever. */
  static async connect(options: MessagingOptions): Promise<Messaging> {
    const { servers, clientName, namespace = '', replicas = 1, login = {} } = options;
    const connection = await connect({
      servers: servers.split(',').map((server) => server.trim()),
      name: clientName,
      ...loginOptions(login),
      // The client's defaults give up after ten tries and notice a frozen server after minutes.
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      reconnectJitter: 250,
      pingInterval: 3_000,
      maxPingOut: 2,
    });
    return new Messaging(connection, namespace, replicas);
  }

  /** Whether the connection stands now. */
  get connected(): boolean {
    return this.#connected && !this.connection.isClosed();
  }

  /** Calls back when what was said meanwhile may have been missed. */
  onReconnect(listener: () => void): void {
    this.#reconnectListeners.add(listener);
  }

  /** `traceparent` names the span that asks, and travels as a header. */
  async ask(subject: string, body: string, timeoutMs: number, traceparent?: string): Promise<Reply> {
    try {
      const answer = await this.connection.request(subject, body, {
        timeout: timeoutMs,
        ...(traceparent !== undefined && { headers: traceHeaders(traceparent) }),
      });
      const read = readJson(answer.data);
      return read ? { outcome: 'answered', body: read } : { outcome: 'unknown', detail: 'the answer is not JSON' };
    } catch (error) {
      const nobody = error instanceof NoRespondersError || (error instanceof RequestError && error.isNoResponders());
      return nobody ? { outcome: 'nobody' } : { outcome: 'unknown', detail: (error as Error).message };
    }
  }

  /** Tells whoever listens. Nobody may, and what is said while NATS is away is lost. */
  tell(subject: string, body: object): void {
    this.connection.publish(subject, JSON.stringify(body));
  }

  listen(subject: string, onBody: (body: JsonObject) => void): Subscription {
    return this.connection.subscribe(subject, {
      callback: (_error, message) => {
        const body = readJson(message.data);
        if (body !== undefined) onBody(body);
      },
    });
  }

  /** Answers questions, several at a time; `answer` is called in the order in which they arrive and never rejects. */
  answer(limits: AnswerLimits, answer: (question: Question) => Promise<object>): Answering {
    const underWay = new Set<Promise<void>>();
    const respond = async (message: Msg): Promise<void> => {
      const body = await answer(questionOf(message));
      message.respond(JSON.stringify(body));
    };
    const subscription = this.connection.subscribe(limits.subject, {
      queue: limits.queue,
      callback: (_error, message) => {
        if (underWay.size >= limits.maxUnderWay) return void message.respond(JSON.stringify(limits.overloaded()));
        const responding = respond(message).finally(() => underWay.delete(responding));
        underWay.add(responding);
      },
    });
    return {
      established: this.connection.flush(),
      get underWay() {
        return underWay.size;
      },
      stop: () => this.#finish(subscription, underWay),
    };
  }

  /** Sends what is buffered and closes. */
  async close(): Promise<void> {
    if (!this.connection.isClosed()) await this.connection.drain();
  }

  async #followConnection(): Promise<void> {
    for await (const { type } of this.connection.status()) {
      if (type === 'disconnect') this.#connected = false;
      if (type !== 'reconnect') continue;
      this.#connected = true;
      for (const listener of this.#reconnectListeners) listener();
    }
  }

  async #finish(subscription: Subscription, underWay: ReadonlySet<Promise<void>>): Promise<void> {
    // Drain also hands over what the server had already sent to us, and which no other would get.
    const drained = subscription.isClosed() || subscription.isDraining();
    if (!drained && !this.connection.isClosed()) await subscription.drain();
    await Promise.all(underWay);
    if (!this.connection.isClosed()) await this.connection.flush();
  }
}

/** What names the span that caused a message, as W3C Trace Context does. */
export function traceHeaders(traceparent: string): MsgHdrs {
  const headers = createHeaders();
  headers.set(TRACEPARENT, traceparent);
  return headers;
}

function questionOf({ subject, data, headers }: Msg): Question {
  return { subject, data, header: (name) => headers?.get(name) || undefined };
}
