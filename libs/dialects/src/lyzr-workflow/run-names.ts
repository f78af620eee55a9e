/** How a workflow run is addressed: `/ws/{flow_name}/{run_name}`. */
export interface WorkflowNames {
  readonly flow: string;
  readonly runName: string;
}

/** Stands for the flow of a run that came in through another dialect and has none. */
export const NO_FLOW = '-';

/**
 * Our run id of a workflow run. Injective: two different pairs never share an id, because after escaping, the first
 * slash is the one between flow and run name.
 *
 * The result can be longer than an id may be; whoever takes it in checks.
 */
export function workflowRunId({ flow, runName }: WorkflowNames): string {
  return `${flow.replaceAll('%', '%25').replaceAll('/', '%2F')}/${runName}`;
}

/**
 * The pair that {@link workflowRunId} makes this id of; undefined for a run id without a slash, which belongs to a run
 * that came in through another dialect.
 */
export function workflowNames(run: string): WorkflowNames | undefined {
  const slash = run.indexOf('/');
  if (slash < 1 || slash === run.length - 1) return undefined;
  const flow = run.slice(0, slash).replaceAll('%2F', '/').replaceAll('%25', '%');
  return { flow, runName: run.slice(slash + 1) };
}
