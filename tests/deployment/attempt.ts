import { PermissionViolationError, RequestError, type NatsConnection } from '@nats-io/transport-node';

/** What the server said to an attempt: it lets it happen, or it does not. */
export type Verdict = 'allowed' | 'denied';

/** Publishes and asks the server whether it took offence: a refusal comes back before the answer to a ping. */
export async function tryPublish(connection: NatsConnection, subject: string, body = '{}'): Promise<Verdict> {
  const seen: unknown[] = [];
  // Ends with the connection.
  void (async () => {
    for await (const status of connection.status()) seen.push(status);
  })();
  connection.publish(subject, body);
  await connection.flush();
  await new Promise((resolve) => setImmediate(resolve));
  return seen.some(isViolation) ? 'denied' : 'allowed';
}

/** Subscribes, and lets go again. */
export async function trySubscribe(connection: NatsConnection, subject: string, queue?: string): Promise<Verdict> {
  const refused: Error[] = [];
  const options = { callback: (error: Error | null) => void (error && refused.push(error)), ...(queue && { queue }) };
  const subscription = connection.subscribe(subject, options);
  await connection.flush();
  if (!subscription.isClosed()) subscription.unsubscribe();
  return refused.some((error) => error instanceof PermissionViolationError) ? 'denied' : 'allowed';
}

function isViolation(status: unknown): boolean {
  const { type, error } = status as { type: string; error?: Error };
  return type === 'error' && error instanceof PermissionViolationError;
}

/** A JetStream request. An answer, even one that says no, means that it was let through. */
export async function tryRequest(connection: NatsConnection, subject: string, body = ''): Promise<Verdict> {
  try {
    await connection.request(subject, body, { timeout: 60_000 });
    return 'allowed';
  } catch (error) {
    if (error instanceof PermissionViolationError) return 'denied';
    if (error instanceof RequestError && error.cause instanceof PermissionViolationError) return 'denied';
    if (error instanceof RequestError && error.isNoResponders()) return 'allowed';
    throw error;
  }
}
