/** One run as a producer means to send it. */
export interface RunPlan {
  readonly run: string;
  readonly session: string;
  /** Events from start to end, both included. */
  readonly length: number;
  /** Characters of padding in each event. */
  readonly padding: number;
  /** The first events of the run are padded more than the others. */
  readonly head?: { readonly events: number; readonly padding: number };
}

export interface PlannedEvent {
  readonly run: string;
  readonly id: string;
  readonly mark: string;
  readonly text: string;
}

/**
 * The text of one event in our own words. Made once and sent again as it is: another text under the same id is a
 * conflict. `occurredAt` is when it is first sent, which lets watchers tell how long it took to them.
 */
export function plannedEvent(plan: RunPlan, index: number, chance: number, occurredAt: string): PlannedEvent {
  const { run, session, head } = plan;
  const padding = head !== undefined && index < head.events ? head.padding : plan.padding;
  const id = `e${index}`;
  const mark = `${index}-${Math.floor(chance * 2 ** 32).toString(36)}`;
  const filling = padding > 0 ? { padding: 'x'.repeat(padding) } : {};
  const body = { run, session, id, agent: 'chaos', occurred_at: occurredAt, ...shapeOf(plan, index, mark, filling) };
  return { run, id, mark, text: JSON.stringify(body) };
}

function shapeOf(plan: RunPlan, index: number, mark: string, filling: object): { type: string; data: object } {
  if (index === 0) return { type: 'run.started', data: { message: mark } };
  if (index === plan.length - 1) return { type: 'run.completed', data: { output: mark } };
  const type = index % 2 === 1 ? 'step.started' : 'step.completed';
  return { type, data: { step: mark, ...filling } };
}
