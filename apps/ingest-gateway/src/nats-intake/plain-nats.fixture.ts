import { once } from 'node:events';
import { connect } from 'node:net';

/**
 * One request as any NATS client of any language writes it, spelled out on a bare socket: nothing of ours helps it along.
 * Resolves to the text of the answer.
 */
export async function plainRequest(natsUrl: string, subject: string, text: string): Promise<string> {
  const { hostname, port } = new URL(natsUrl);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, 'connect');
    const inbox = '_INBOX.plain';
    socket.write(`CONNECT {"verbose":false}\r\nSUB ${inbox} 1\r\n`);
    socket.write(`PUB ${subject} ${inbox} ${Buffer.byteLength(text)}\r\n${text}\r\n`);
    let received = '';
    for await (const chunk of socket) {
      received += String(chunk);
      const answer = new RegExp(`MSG ${inbox} 1 (\\d+)\\r\\n(.*)\\r\\n`).exec(received);
      if (answer) return answer[2]!;
    }
    throw new Error(`the connection ended after ${received}`);
  } finally {
    socket.destroy();
  }
}
