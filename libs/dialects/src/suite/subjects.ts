import { readdirSync, readFileSync } from 'node:fs';
import type { RecordedEvent, RunEvent } from '@runcast/run-events';
import type { ZodType } from 'zod';
import * as agUi from '../ag-ui/wire.ts';
import * as agentOs from '../agent-os/wire.ts';
import type { DecodeContext, Dialect, Hints, WireText } from '../dialect.ts';
import { dialects } from '../list.ts';
import * as lyzrAgent from '../lyzr-agent/wire.ts';
import * as lyzrWorkflow from '../lyzr-workflow/wire.ts';
import * as runcast from '../runcast/wire.ts';
import * as vectara from '../vectara/wire.ts';
import * as zihin from '../zihin/wire.ts';
import { zihinStream } from '../zihin/zihin.ts';

/** What every dialect owes is proved for each of these. A new dialect is one line. */
export interface Subject {
  readonly title: string;
  readonly dialect: Dialect;
  /** What its clients rely on. */
  readonly outgoing: ZodType;
  /** Which recorded events it takes and gives back: the files of its fixtures folder that begin so. */
  readonly fixtures: string;
}

export const subjects: readonly Subject[] = [
  { title: 'runcast', dialect: dialects.runcast, outgoing: runcast.outgoing, fixtures: '' },
  { title: 'agent-os', dialect: dialects['agent-os'], outgoing: agentOs.outgoing, fixtures: '' },
  { title: 'lyzr-agent', dialect: dialects['lyzr-agent'], outgoing: lyzrAgent.outgoing, fixtures: '' },
  { title: 'lyzr-workflow', dialect: dialects['lyzr-workflow'], outgoing: lyzrWorkflow.outgoing, fixtures: '' },
  { title: 'zihin live', dialect: dialects.zihin, outgoing: zihin.outgoing, fixtures: 'live-' },
  { title: 'zihin stream', dialect: zihinStream, outgoing: zihin.outgoingStream, fixtures: 'stream-' },
  { title: 'vectara', dialect: dialects.vectara, outgoing: vectara.outgoing, fixtures: '' },
  { title: 'ag-ui', dialect: dialects['ag-ui'], outgoing: agUi.outgoing, fixtures: '' },
];

/** One recorded event a line; what vendors published comes before what we composed after their references. */
export function fixtureTexts({ dialect, fixtures }: Subject): WireText[] {
  const folder = new URL(`../${dialect.name}/fixtures/`, import.meta.url);
  return readdirSync(folder)
    .filter((file) => file.startsWith(fixtures))
    .sort()
    .reverse()
    .flatMap((file) => readFileSync(new URL(file, folder), 'utf8').trimEnd().split('\n'));
}

export const NOW = '2026-11-21T09:00:00.000000Z';

export function contextOf(hints: Hints = { run: 'run-1' }): DecodeContext {
  return { tenant: 'acme', now: NOW, newId: () => `new-${(newIds += 1)}`, hash, hints };
}
let newIds = 0;

/** Good enough to tell fixtures apart. */
function hash(text: string): string {
  return `h${[...text].reduce((sum, char) => (sum * 31 + char.codePointAt(0)!) % 1e12, 7)}`;
}

/** The event, or a failure of the test that asks. */
export function decoded(dialect: Dialect, wire: WireText, hints?: Hints): RunEvent {
  const result = dialect.decode(wire, contextOf(hints));
  if (!result.ok) throw new Error(`${dialect.name} refused ${wire}: ${JSON.stringify(result.problems)}`);
  return result.event;
}

/** As the log would give it. */
export function recorded(event: RunEvent, sequence = 1): RecordedEvent {
  return { ...event, position: { shard: 0, epoch: 'e1', sequence }, receivedAt: '2026-11-21T09:00:01.000000Z' };
}

/** All recorded events of a subject, in order, with ids that are the same whenever they are made. */
export function recordedRun(subject: Subject): RecordedEvent[] {
  newIds = 0;
  return fixtureTexts(subject).map((wire, index) => recorded(decoded(subject.dialect, wire), index + 1));
}
