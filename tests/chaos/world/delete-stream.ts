import { connect } from '@nats-io/transport-node';

/** What an operator can do by mistake, and what no door of ours offers. */
export async function deleteStream(servers: string, stream: string): Promise<void> {
  const connection = await connect({ servers: servers.split(',') });
  try {
    const answer = await connection.request(`$JS.API.STREAM.DELETE.${stream}`, '', { timeout: 5_000 });
    const { success } = answer.json<{ success?: boolean }>();
    if (success !== true) throw new Error(`the stream was not deleted: ${answer.string()}`);
  } finally {
    await connection.close();
  }
}
