import { isJsonObject, parseJson } from '@runcast/run-events';
import { WebSocket, type RawData } from 'ws';

const PONG = JSON.stringify({ type: 'pong' });

/**
 * Answers the pings that vendors' clients send as text: `ping` and `{"type":"ping"}`. The answer carries no `event_type`,
 * so a client that switches on it passes over. Anything else a listener says means nothing and is ignored.
 */
export function answerPings(socket: WebSocket): void {
  socket.on('message', (data: RawData, isBinary: boolean) => {
    if (isBinary || !isPing((data as Buffer).toString('utf8')) || socket.readyState !== WebSocket.OPEN) return;
    // A client that pings and never reads would make us hold its answers: one waiting is enough.
    if (socket.bufferedAmount === 0) socket.send(PONG, () => undefined);
  });
}

function isPing(text: string): boolean {
  if (text === 'ping') return true;
  const parsed = parseJson(text);
  return parsed.ok && isJsonObject(parsed.value) && parsed.value['type'] === 'ping';
}
