/** Prints lines with the time since the start, so that whoever waits sees what takes how long. */
export function progress(write: (text: string) => void, clock: () => number): (line: string) => void {
  const start = clock();
  return (line) => write(`[${((clock() - start) / 1000).toFixed(1).padStart(6)} s] ${line}\n`);
}
