import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { ExportCheck, type ExportVerdict } from '@runcast/run-events';
import { UserError } from '../errors.ts';

/** What `runcast verify` ends with when the file is not what was exported. */
export const EXIT_BROKEN = 3;

/** `runcast verify`: needs nothing but the file. */
export async function verify(path: string, host: NodeJS.Process): Promise<number> {
  const verdict = await verifyFile(path);
  if (verdict.verdict === 'whole') {
    host.stdout.write(`whole: ${verdict.events} events, chain ${verdict.chain}\n`);
    host.stdout.write('The audit log has the same hash for the export: whoever rewrote the whole file has another.\n');
    return 0;
  }
  host.stdout.write(`broken at line ${verdict.line}: ${verdict.reason}\n`);
  return EXIT_BROKEN;
}

/** @throws UserError when the file cannot be read. */
export async function verifyFile(path: string): Promise<ExportVerdict> {
  const check = new ExportCheck((text) => createHash('sha256').update(text).digest('hex'));
  // Split by hand: readline takes other characters for line ends than the export does, and hides a missing last one.
  let rest = '';
  try {
    for await (const chunk of createReadStream(path, 'utf8') as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      for (const line of lines) check.take(line);
    }
  } catch (error) {
    throw new UserError(`${path}: ${(error as Error).message}`);
  }
  if (rest !== '') check.take(rest);
  return check.finish(rest === '');
}
