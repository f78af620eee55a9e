import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { feedInto, follow, type FeedReader } from './follow.ts';
import type { History } from './history.ts';
import { LossyLog, type Mishap } from './lossy-log.fixture.ts';
import { RunTopic } from './run-topic.ts';
import { SessionTopic } from './session-topic.ts';
import { tailQuestion, takeAnswer } from './tail-check.ts';
import type { Topic } from './topic.ts';

type Action = 'store' | 'store-other' | 'turn' | 'deliver-delayed' | 'check' | 'trim';

const mishaps = fc.array(fc.constantFrom<Mishap[]>('ok', 'ok', 'lose', 'double', 'delay', 'lag', 'fail'), {
  maxLength: 40,
});
const actions = fc.array(
  fc.constantFrom<Action[]>('store', 'store', 'store-other', 'turn', 'turn', 'deliver-delayed', 'check', 'trim'),
  {
    maxLength: 40,
  },
);
const quiet = (): void => undefined;

function runHistory(log: LossyLog): History {
  return log.historyOf(() => [{ run: 'run', linkedAt: 0 }]);
}

/** One turn of the event loop, so that what is under way goes on in between. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A reader that goes on until it is told which event is the last and has got it. */
function startReader(topic: Topic, after: number): { finish(last: number): Promise<number[]> } {
  const stop = new AbortController();
  const got: number[] = [];
  let end = Number.POSITIVE_INFINITY;
  const stopAtEnd = (): void => {
    if ((got.at(-1) ?? 0) >= end) stop.abort();
  };
  const reading = (async () => {
    for await (const batch of follow(topic, after, stop.signal)) {
      got.push(...batch.events.map((event) => event.position.sequence));
      stopAtEnd();
    }
    return got;
  })();
  return {
    finish: (last) => {
      end = last;
      stopAtEnd();
      return reading;
    },
  };
}

/** The same for a reader that is handed its events, and has no room at once for every third batch. */
function startHanded(topic: Topic, after: number): { finish(last: number): Promise<number[]> } {
  const stop = new AbortController();
  const got: number[] = [];
  let end = Number.POSITIVE_INFINITY;
  let batches = 0;
  let waiting = false;
  const stopAtEnd = (): void => {
    if ((got.at(-1) ?? 0) >= end) stop.abort();
  };
  const reader: FeedReader = {
    done: false,
    wakeAfterMs: undefined,
    take({ events }) {
      if (waiting) throw new Error('was handed events while it had no room');
      got.push(...events.map((event) => event.position.sequence));
      stopAtEnd();
      if ((batches += 1) % 3 !== 0) return undefined;
      waiting = true;
      return turn().then(() => void (waiting = false));
    },
  };
  const reading = feedInto(reader, topic, after, { signal: stop.signal, replaced: new AbortController().signal });
  return {
    finish: (last) => {
      end = last;
      stopAtEnd();
      return reading.then(() => got);
    },
  };
}

async function play(topic: Topic, log: LossyLog, drawn: Action[], store: (other: boolean) => void): Promise<void> {
  for (const action of drawn) {
    if (action === 'store') store(false);
    if (action === 'store-other') store(true);
    if (action === 'deliver-delayed') log.deliverDelayed();
    if (action === 'check') await check(topic, log);
    if (action === 'turn') await turn();
    if (action === 'trim') log.trim(topic.verifiedUpTo);
  }
  log.deliverDelayed();
}

/** What the hub's tail check does. */
async function check(topic: Topic, log: LossyLog): Promise<void> {
  const question = tailQuestion(topic);
  const newest = await log.newest(question.subjects, question.after).catch(() => undefined);
  if (newest !== undefined) takeAnswer(question, newest);
}

async function open(topic: Topic): Promise<void> {
  while (
    !(await topic.open().then(
      () => true,
      () => false,
    ))
  );
}

async function checkUntil(topic: Topic, log: LossyLog, sequence: number): Promise<void> {
  while (topic.tail < sequence) {
    await check(topic, log);
    await turn();
  }
}

/** Readers of one run, there from the beginning and joining late, under everything that was drawn. */
function runProperty(makeTopic: (log: LossyLog) => Topic): fc.IAsyncProperty<unknown> {
  return fc.asyncProperty(mishaps, actions, actions, fc.nat(5), async (drawnMishaps, before, during, resumeAt) => {
    const log = new LossyLog([...drawnMishaps]);
    const topic = makeTopic(log);
    const store = (other: boolean): void => void log.store(other ? 'another run' : 'run');
    before.filter((action) => action.startsWith('store')).forEach((action) => store(action === 'store-other'));
    await open(topic);
    const early = startReader(topic, 0);
    const handed = startHanded(topic, 0);
    await play(topic, log, during, store);
    await checkUntil(topic, log, log.store('run'));
    const all = log.sequencesOf(['run']);
    expect(await early.finish(all.at(-1)!)).toEqual(all);
    expect(await handed.finish(all.at(-1)!)).toEqual(all);
    const after = all[Math.min(resumeAt, all.length - 1)]! - 1;
    const rest = all.filter((sequence) => sequence > after);
    expect(await startReader(topic, after).finish(rest.at(-1)!)).toEqual(rest);
    expect(await startHanded(topic, after).finish(rest.at(-1)!)).toEqual(rest);
    topic.close();
  });
}

/** Takes live messages as they come, the mistake that the real topic exists to avoid. */
class BelievingTopic extends RunTopic {
  constructor(log: LossyLog) {
    super(
      {
        readSubject: (...page) => log.readSubject(...page),
        readOn: (...page) => log.readOn(...page),
        newest: (...subjects) => log.newest(...subjects),
        trimmedUpTo: () => log.trimmedUpTo(),
        watch: (subject, onEntry) => log.watch(subject, (live) => onEntry({ ...live, previousSequence: 0 })),
      },
      'run',
      runHistory(log),
      quiet,
    );
  }
}

describe('the join of replay and live', () => {
  it('gives every reader of a run 1..n once and in order, whatever is lost, doubled, late or lagging', async () => {
    await fc.assert(
      runProperty((log) => new RunTopic(log, 'run', runHistory(log), quiet)),
      { numRuns: 200 },
    );
  }, 60_000);

  it('turns red for a topic that does not look at the sequence before a live message (control)', async () => {
    const outcome = fc.assert(
      runProperty((log) => new BelievingTopic(log)),
      { numRuns: 200, interruptAfterTimeLimit: 20_000 },
    );
    await expect(outcome).rejects.toThrow(/Property failed/);
  }, 60_000);

  it('gives every reader of a session the events of its runs from their links on, once and in order', async () => {
    const property = fc.asyncProperty(mishaps, actions, actions, async (drawnMishaps, before, during) => {
      const log = new LossyLog([...drawnMishaps]);
      const topic = new SessionTopic(
        log,
        's',
        'links',
        (run) => run,
        log.historyOf(() => log.links()),
        quiet,
      );
      const expected: number[] = [];
      const linked = new Set<string>();
      const store = (other: boolean): void => {
        const run = other ? 'b' : 'a';
        const sequence = log.store(run);
        // What stands before its run's link does not belong to the session.
        if (linked.has(run)) expected.push(sequence);
        else log.store('links', { linkTo: run });
        linked.add(run);
      };
      before.filter((action) => action.startsWith('store')).forEach((action) => store(action === 'store-other'));
      await open(topic);
      const early = startReader(topic, 0);
      const handed = startHanded(topic, 0);
      await play(topic, log, during, store);
      store(false);
      store(false);
      await checkUntil(topic, log, expected.at(-1)!);
      expect(await early.finish(expected.at(-1)!)).toEqual(expected);
      expect(await handed.finish(expected.at(-1)!)).toEqual(expected);
      expect(await startReader(topic, 0).finish(expected.at(-1)!)).toEqual(expected);
      topic.close();
    });
    await fc.assert(property, { numRuns: 1000 });
  }, 60_000);
});
