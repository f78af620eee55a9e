import type { Api } from '../api/request.ts';

/** Saves every event of a run as a file, a line each. */
export async function downloadRun(api: Api, run: string): Promise<void> {
  const response = await api.open(`/v1/runs/${encodeURIComponent(run)}/events.ndjson`);
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = `${run.replace(/[^\w.-]+/g, '_')}.ndjson`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
