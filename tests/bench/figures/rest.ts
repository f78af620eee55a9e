import { setTimeout as delay } from 'node:timers/promises';
import { resultOf, type Result } from '../results.ts';
import { Installation } from '../world/installation.ts';
import { cleanly, type Bench } from './figure.ts';

const MEGABYTE = 1024 * 1024;
/** Until what the start left behind has been collected or never will be. */
const SETTLED_MS = 4_000;

/** What each service costs before anybody has asked it anything. */
export function rest({ backends, quick, report }: Bench): Promise<Result[]> {
  return cleanly(async (cleanUp) => {
    const installation = cleanUp.add(await Installation.create(backends, { name: 'rest' }), (made) => made.remove());
    const results: Result[] = [];
    for (const name of ['ingest-gateway', 'projector', 'realtime-gateway'] as const) {
      const [readyMs, memory]: [number[], number[]] = [[], []];
      for (let round = 0; round < (quick ? 2 : 3); round += 1) {
        const service = await installation.start(name);
        await delay(SETTLED_MS);
        readyMs.push(service.readyAfterMs);
        memory.push(service.residentBytes() / MEGABYTE);
        report(`${name}: ready after ${Math.round(readyMs.at(-1)!)} ms, ${Math.round(memory.at(-1)!)} MB`);
        await service.stop();
      }
      results.push(
        resultOf({
          figure: `rest: ${name}, exec to ready`,
          unit: 'ms',
          values: readyMs,
          target: { of: 'value', atMost: 2_000 },
        }),
        resultOf({
          figure: `rest: ${name}, resident`,
          unit: 'MB',
          values: memory,
          target: { of: 'value', atMost: 120 },
        }),
      );
    }
    return results;
  });
}
