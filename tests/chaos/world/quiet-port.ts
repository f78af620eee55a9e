import { randomInt } from 'node:crypto';
import { canListen } from '@runcast/local-backends';

/** Below the range from which outgoing connections take theirs: nobody sits on it while its server is restarted. */
const [LOWEST, HIGHEST] = [18_000, 32_000];
const taken = new Set<number>();

/** A port that stays free while its server is down. */
export async function quietPort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST);
    if (taken.has(port) || !(await canListen(port))) continue;
    taken.add(port);
    return port;
  }
}
