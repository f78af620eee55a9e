/** One thing a demo agent is asked to do. */
export interface Assignment {
  readonly agent: string;
  readonly question: string;
  readonly run: string;
  readonly session?: string;
}

/** Those who can be asked. */
export const AGENTS = ['research-agent', 'operations-agent', 'finance-agent'] as const;

const TASKS = [
  { agent: 'research-agent', question: 'Which words do our documents use most often?' },
  { agent: 'operations-agent', question: 'How did the recent runs go?' },
  { agent: 'finance-agent', question: 'What do 1200 runs at 35 cents cost? Calculate 1200 * 0.35' },
  { agent: 'research-agent', question: 'Sum up our documents, and how the recent runs went.' },
] as const;

/** Each of these really fails in its tool. */
const DOOMED_TASKS = [
  { agent: 'finance-agent', question: 'What did a run cost on the day without runs? Calculate 48210 / (7 - 7)' },
  { agent: 'research-agent', question: 'What does drafts/forgotten.md say?' },
  { agent: 'finance-agent', question: 'What is the total? Calculate (120 + 80 * 2' },
] as const;

const RUNS_PER_SESSION = 3;
const RUNS_PER_FAILURE = 4;

/** What to do, for ever: every fourth run fails, and three runs in a row share a session. */
export function* assignments(newId: () => string): Generator<Assignment, never> {
  let session = '';
  for (let count = 0; ; count += 1) {
    if (count % RUNS_PER_SESSION === 0) session = `demo-session-${newId()}`;
    const isDoomed = count % RUNS_PER_FAILURE === RUNS_PER_FAILURE - 1;
    const failures = Math.floor(count / RUNS_PER_FAILURE);
    const task = isDoomed ? pick(DOOMED_TASKS, failures) : pick(TASKS, count - failures);
    yield { ...task, run: `demo-run-${newId()}`, session };
  }
}

/** One that succeeds and one that fails, in one session. */
export function oneOfEach(newId: () => string): Assignment[] {
  const session = `demo-session-${newId()}`;
  return [TASKS[0], DOOMED_TASKS[0]].map((task) => ({ ...task, run: `demo-run-${newId()}`, session }));
}

function pick<T>(list: readonly T[], index: number): T {
  return list[index % list.length]!;
}
