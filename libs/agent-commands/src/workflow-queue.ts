import { hash } from 'node:crypto';
import {
  AckPolicy,
  DiscardPolicy,
  jetstream,
  RetentionPolicy,
  StorageType,
  type Consumer,
  type JetStreamClient,
  type JetStreamManager,
} from '@nats-io/jetstream';
import type { AgentCommand } from './agent-command.ts';
import { QueueUnavailableError } from './errors.ts';
import { traceHeaders, type Messaging } from './messaging.ts';
import { ensureStream, streamName, type NewStream } from './streams.ts';

const PUBLISH_MS = 5_000;
const MAX_AGE_MS = 7 * 24 * 3_600_000;
const MAX_BYTES = 256 * 1024 * 1024;

/** Commands for workflows, stored until somebody has run them. */
export class WorkflowQueue {
  readonly #messaging: Messaging;
  readonly #client: JetStreamClient;
  readonly #manager: JetStreamManager;
  readonly #stream: string;

  private constructor(messaging: Messaging, manager: JetStreamManager, stream: string) {
    this.#messaging = messaging;
    this.#client = jetstream(messaging.connection);
    this.#manager = manager;
    this.#stream = stream;
  }

  static async open(messaging: Messaging): Promise<WorkflowQueue> {
    const name = streamName('COMMANDS', messaging);
    return new WorkflowQueue(messaging, await ensureStream(messaging, queueConfig(name, messaging)), name);
  }

  /**
   * Resolves when the command is stored. The same id again within two minutes is stored once.
   *
   * @throws {QueueUnavailableError} when that is not known
   */
  async add({ traceparent, ...command }: AgentCommand): Promise<void> {
    const subject = this.#messaging.subjects.workflow(command.tenant, command.agent);
    try {
      await this.#client.publish(subject, JSON.stringify(command), {
        msgID: command.id,
        timeout: PUBLISH_MS,
        ...(traceparent !== undefined && { headers: traceHeaders(traceparent) }),
      });
    } catch (error) {
      throw new QueueUnavailableError(error);
    }
  }

  /** The one consumer that all who serve a workflow share. What is not acknowledged in time is given to another. */
  async consumer(tenant: string, flow: string, ackWaitMs: number): Promise<Consumer> {
    const subject = this.#messaging.subjects.workflow(tenant, flow);
    // Consumer names take fewer characters than subjects do.
    const durable_name = hash('sha256', subject, 'base64url').slice(0, 27);
    await this.#manager.consumers.add(this.#stream, {
      durable_name,
      filter_subject: subject,
      ack_policy: AckPolicy.Explicit,
      ack_wait: ackWaitMs * 1e6,
      // Counted by who takes it, who can tell the log why it was given up; the server would only fall silent.
      max_deliver: -1,
    });
    return this.#client.consumers.get(this.#stream, durable_name);
  }
}

function queueConfig(name: string, { subjects, replicas }: Messaging): NewStream {
  return {
    name,
    num_replicas: replicas,
    subjects: [subjects.everyWorkflow],
    retention: RetentionPolicy.Workqueue,
    storage: StorageType.File,
    // A full queue refuses: dropping the oldest command would lose what was answered as accepted.
    discard: DiscardPolicy.New,
    max_bytes: MAX_BYTES,
    max_age: MAX_AGE_MS * 1e6,
    duplicate_window: 120_000 * 1e6,
    // One for each workflow that is served.
    max_consumers: 10_000,
  };
}
