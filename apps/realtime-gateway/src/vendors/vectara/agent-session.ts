import {
  countSessionEvents,
  getSessionEvent,
  listRunEvents,
  listRuns,
  listSessionEvents,
  type Database,
  type Page,
  type SessionKey,
} from '@runcast/read-models';
import { dialects, STREAM_ONLY_TYPES } from '@runcast/dialects';
import { isId, type RecordedEvent } from '@runcast/run-events';
import { NOTHING_TOLD, withoutRepeats, type Told } from '../told.ts';
import { VectaraError } from './errors.ts';
import { isShown, markedAfter, MARK_TYPES, NO_MARKS, type Marks } from './event-marks.ts';

/** A session as this vendor names it: by its agent and itself. */
export interface AgentSessionKey {
  readonly tenant: string;
  readonly agentKey: string;
  readonly sessionKey: string;
}

/** One page of the list. `next` is where the one after it begins. */
export interface FramePage {
  readonly frames: readonly string[];
  readonly next?: number;
}

interface ListedEvent {
  readonly frame: string;
  readonly sequence: number;
}

const READ_AT_ONCE = 100;
const MARKS_AT_ONCE = 1_000;
/** Whether an event has a form is known only when it is encoded: of more events than these, all are counted. */
const EXACT_UP_TO = 1_000;
/** Beyond it total_count says this number: counting a session of millions for every page would cost more than the page. */
const COUNT_CAP = 10_000;

/** A session of an agent, as this vendor lists it. */
export class AgentSession {
  private constructor(
    private readonly database: Database,
    readonly key: SessionKey,
    private readonly marks: Marks,
  ) {}

  /** @throws {VectaraError} `agent_not_found` or `session_not_found` */
  static async open(database: Database, { tenant, agentKey, sessionKey }: AgentSessionKey): Promise<AgentSession> {
    if (!isId(agentKey)) throw new VectaraError('agent_not_found', 'There is no agent with this key.');
    if (!isId(sessionKey)) throw sessionNotFound();
    const key = { tenant, session: sessionKey };
    await requireSession(database, key, agentKey);
    const marks = await readMarks(database, key);
    if (marks.sessionDeleted) throw sessionNotFound();
    return new AgentSession(database, key, marks);
  }

  async page(after: number, limit: number, includeHidden: boolean): Promise<FramePage> {
    const frames: string[] = [];
    let last = after;
    for await (const { frame, sequence } of this.list(after, includeHidden)) {
      if (frames.length === limit) return { frames, next: last };
      frames.push(frame);
      last = sequence;
    }
    return { frames };
  }

  /** How many events the whole list holds; of a longer session than {@link EXACT_UP_TO}, how many events it has at most. */
  async count(includeHidden: boolean): Promise<number> {
    const { count } = await countSessionEvents(this.database, { ...this.key, cap: COUNT_CAP });
    if (count > EXACT_UP_TO) return count;
    const whole = await this.page(0, EXACT_UP_TO, includeHidden);
    return whole.frames.length;
  }

  /** Reads on past what is not shown: not every event of a session has a form in this list. */
  private async *list(after: number, includeHidden: boolean): AsyncGenerator<ListedEvent> {
    for (let cursor: number | undefined = after; cursor !== undefined;) {
      const filter = { ...this.key, after: cursor, limit: READ_AT_ONCE };
      const page: Page<RecordedEvent> = await listSessionEvents(this.database, filter);
      for (const event of page.items) {
        const frame = isShown(this.marks, event.id, includeHidden) ? await this.listed(event) : undefined;
        if (frame !== undefined) yield { frame, sequence: event.position.sequence };
      }
      cursor = page.next;
    }
  }

  /** An event that has not been deleted, and its form. @throws {VectaraError} `event_not_found` */
  async event(id: string): Promise<{ event: RecordedEvent; listed: string }> {
    const found = isId(id) && !this.marks.deleted.has(id);
    const event = found ? await getSessionEvent(this.database, { ...this.key, id }) : undefined;
    const listed = event && (await this.listed(event));
    if (!event || listed === undefined) throw new VectaraError('event_not_found', 'There is no event with this id.');
    return { event, listed };
  }

  private async listed(event: RecordedEvent): Promise<string | undefined> {
    const named = { ...event, session: event.session ?? this.key.session };
    const [frame] = dialects.vectara.encode(withoutRepeats(named, await this.toldBeside(event)));
    if (frame === undefined) return undefined;
    const { type } = JSON.parse(frame.data) as { type: string };
    return STREAM_ONLY_TYPES.includes(type) ? undefined : frame.data;
  }

  /** Only the start and the end of a run may repeat what its messages tell; the question may stand behind the start. */
  private async toldBeside({ tenant, run, type }: RecordedEvent): Promise<Told> {
    const by = REPEATED[type];
    if (by === undefined) return NOTHING_TOLD;
    const { items } = await listRunEvents(this.database, { tenant, run, types: [by], limit: 1 });
    return { ...NOTHING_TOLD, asked: items.length > 0, answered: items.length > 0 };
  }
}

const REPEATED: Readonly<Record<string, string>> = {
  'run.started': 'message.received',
  'run.completed': 'message.sent',
};

/** A session belongs to an agent when one of its runs does, or when none of them names an agent. */
async function requireSession(database: Database, { tenant, session }: SessionKey, agent: string): Promise<void> {
  const [ofSession] = (await listRuns(database, { tenant, session, limit: 1 })).items;
  const [ofBoth] = (await listRuns(database, { tenant, session, agent, limit: 1 })).items;
  if (ofBoth !== undefined || (ofSession !== undefined && ofSession.agent === undefined)) return;
  const [ofAgent] = (await listRuns(database, { tenant, agent, limit: 1 })).items;
  if (ofAgent === undefined) throw new VectaraError('agent_not_found', 'There is no agent with this key.');
  throw sessionNotFound();
}

export async function readMarks(database: Database, key: SessionKey): Promise<Marks> {
  let marks = NO_MARKS;
  for (let after: number | undefined = 0; after !== undefined;) {
    const filter = { ...key, after, limit: MARKS_AT_ONCE, types: MARK_TYPES };
    const page = await listSessionEvents(database, filter);
    marks = page.items.reduce(markedAfter, marks);
    after = page.next;
  }
  return marks;
}

export function sessionNotFound(): VectaraError {
  return new VectaraError('session_not_found', 'This agent has no session with this key.');
}
