import { readFileSync } from 'node:fs';
import { WebSocket } from 'ws';

/** What the page's class gives to whoever extends it. */
export interface WorkflowMonitor {
  connect(): void;
  onWorkflowStart(data: WorkflowFrame): void;
  onTaskComplete(data: WorkflowFrame): void;
  onWorkflowComplete(data: WorkflowFrame): void;
  onError(data: WorkflowFrame): void;
}
export type WorkflowFrame = Readonly<Record<string, unknown>>;

export interface WorkflowSample {
  readonly WorkflowMonitor: new (flow: string, run: string) => WorkflowMonitor;
  /** Every connection that was tried, and how it went. */
  readonly connections: { opened: boolean; closed: boolean }[];
  /** Whether the sample waits to connect again. */
  readonly isWaiting: () => boolean;
}

const VENDOR = /^wss:\/\/[^/]+/;
/** The sample waits for seconds; a spec does not. */
const FASTER = 40;

/**
 * The vendor's sample as it is printed on its page, to the letter (the file beside this one). What surrounds it is ours: a
 * WebSocket that goes to our gateway instead of theirs and brings a key, and timers that run faster.
 */
export function loadWorkflowSample(gateway: { readonly url: string; readonly apiKey: string }): WorkflowSample {
  const connections: WorkflowSample['connections'] = [];
  const waiting = new Set<NodeJS.Timeout>();
  class RedirectedSocket extends WebSocket {
    constructor(url: string) {
      super(url.replace(VENDOR, gateway.url.replace('http', 'ws')), { headers: { 'x-api-key': gateway.apiKey } });
      const connection = { opened: false, closed: false };
      connections.push(connection);
      this.on('open', () => (connection.opened = true));
      this.on('close', () => (connection.closed = true));
      // A browser has no error that ends the program.
      this.on('error', () => undefined);
    }
  }
  const later = (work: () => void, ms: number): void => {
    const timer = setTimeout(() => {
      waiting.delete(timer);
      work();
    }, ms / FASTER);
    waiting.add(timer);
  };
  const quiet = { log: () => undefined };
  const text = readFileSync(new URL('./lyzr-workflow-2026-11-21.txt', import.meta.url), 'utf8');
  const page = `${text}\nreturn WorkflowMonitor;`;
  // The text is the vendor's and stands in this folder: it is the subject of the test.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const load = new Function('WebSocket', 'setTimeout', 'setInterval', 'clearInterval', 'console', page) as (
    ...globals: unknown[]
  ) => WorkflowSample['WorkflowMonitor'];
  const WorkflowMonitor = load(RedirectedSocket, later, setInterval, clearInterval, quiet);
  return { WorkflowMonitor, connections, isWaiting: () => waiting.size > 0 };
}
