/** How many events one run has before the next begins. */
const RUN_LENGTH = 50;
const OUTPUT = 'Found three documents about the question; the second one answers it. '.repeat(3);

/**
 * The texts of one sender's events, as an agent would write them in our own words: about 450 bytes each, runs of fifty
 * events, one run in four part of a session. Ids are unique to `name`.
 */
export class EventTexts {
  private count = 0;

  constructor(private readonly name: string) {}

  next(): string {
    const number = (this.count += 1);
    const step = (number - 1) % RUN_LENGTH;
    const lap = Math.floor((number - 1) / RUN_LENGTH);
    const run = `${this.name}-${lap}`;
    const session = lap % 4 === 0 ? `"session":"chat-${run}",` : '';
    const at = new Date().toISOString();
    return (
      `{"id":"${run}-${step}","run":"${run}",${session}"agent":"bench-agent","occurred_at":"${at}",` +
      `"type":"${typeOf(step)}","data":${dataOf(step)}}`
    );
  }

  /** So many, as the body of one request. */
  batch(size: number): string {
    return `[${Array.from({ length: size }, () => this.next()).join(',')}]`;
  }
}

function typeOf(step: number): string {
  if (step === 0) return 'run.started';
  if (step === RUN_LENGTH - 1) return 'run.completed';
  if (step % 5 === 0) return 'llm-call.completed';
  return step % 2 === 1 ? 'tool-call.started' : 'tool-call.completed';
}

function dataOf(step: number): string {
  if (step === 0) return `{"input":{"question":"What is it about?"},"framework":"langgraph"}`;
  if (step === RUN_LENGTH - 1) return `{"output":{"answer":"${OUTPUT}"}}`;
  if (step % 5 === 0) return `{"model":"small","usage":{"inputTokens":812,"outputTokens":64},"output":"${OUTPUT}"}`;
  return `{"tool":"search","callId":"call-${step >> 1}","${step % 2 === 1 ? 'input' : 'output'}":{"text":"${OUTPUT}"}}`;
}
