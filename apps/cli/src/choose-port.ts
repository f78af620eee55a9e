import { canListen, freePort } from '@runcast/local-backends';
import { UserError } from './errors.ts';
import type { WantedPort } from './up-config.ts';

/**
 * The port to use: the wanted one; for a taken default another, which is said; for 0 any.
 *
 * @throws UserError when a port that the user chose is taken.
 */
export async function choosePort(
  { variable, port, chosen }: WantedPort,
  what: string,
  report: (line: string) => void,
): Promise<number> {
  if (port === 0) return freePort();
  if (await canListen(port)) return port;
  if (chosen) throw new UserError(`${variable}: port ${port} is taken. Choose another, or 0 for any free one.`);
  const free = await freePort();
  report(`${what}: port ${port} is taken, using ${free} (set ${variable} to choose)`);
  return free;
}
