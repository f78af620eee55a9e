const BATCH = 100;
const TEXT = 'Found three documents about the question; the second one answers it. '.repeat(3);

/** Stores one run that goes on, through a gateway; the position of each event. */
export async function storeRun(port: number, apiKey: string, run: string, events: number): Promise<string[]> {
  const positions: string[] = [];
  for (let from = 0; from < events; from += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, events - from) }, (_, index) => from + index);
    const response = await fetch(`http://127.0.0.1:${port}/v1/events`, {
      method: 'POST',
      headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
      body: `[${numbers.map((number) => eventOf(run, number)).join(',')}]`,
    });
    if (response.status !== 202) throw new Error(`${response.status}: ${await response.text()}`);
    const { results } = (await response.json()) as { results: { position: string }[] };
    positions.push(...results.map(({ position }) => position));
  }
  return positions;
}

function eventOf(run: string, number: number): string {
  const type = number === 0 ? 'run.started' : 'tool-call.completed';
  const data = number === 0 ? {} : { tool: 'search', callId: `call-${number}`, output: { text: TEXT } };
  return JSON.stringify({ id: `e${number}`, run, agent: 'bench-agent', type, data });
}
