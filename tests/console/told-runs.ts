import type { DevFile } from '../new-user.ts';

export interface ToldEvent {
  readonly type: string;
  readonly run: string;
  readonly agent?: string;
  readonly session?: string;
  readonly occurred_at?: string;
  readonly data?: object;
}

/** Sends events to the ingest gateway, 500 at a time; resolves to the position of the last. */
export async function tell(
  { ingestUrl, apiKey }: DevFile,
  events: readonly (ToldEvent | object)[],
  dialect = 'runcast',
): Promise<string> {
  let position = '';
  for (let from = 0; from < events.length; from += 500) {
    const response = await fetch(`${ingestUrl}/v1/events?dialect=${dialect}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(events.slice(from, from + 500)),
    });
    const text = await response.text();
    if (response.status !== 202) throw new Error(`${response.status} ${text}`);
    position = (JSON.parse(text) as { results: { position: string }[] }).results.at(-1)!.position;
  }
  return position;
}

/** A finished run of so many events: steps with two tool calls in each. */
export function longRun(run: string, length: number, beganMs: number): ToldEvent[] {
  const at = (index: number): string => new Date(beganMs + index * 20).toISOString();
  const kinds = ['step.started', 'tool-call.started', 'tool-call.completed', 'note.taken', 'step.completed'];
  const middle = Array.from({ length: length - 2 }, (_, index) => {
    const step = `step ${Math.floor(index / 5)}`;
    const tool = `tool ${Math.floor(index / 5)}`;
    const data = { step, tool, note: `the ${index}th thing that happened`, durationMs: 20 };
    return { type: kinds[index % 5]!, run, occurred_at: at(index + 1), data };
  });
  return [
    { type: 'run.started', run, agent: 'long-agent', occurred_at: at(0), data: { input: 'Do a lot.' } },
    ...middle,
    { type: 'run.completed', run, occurred_at: at(length), data: { output: 'Done a lot.' } },
  ];
}
