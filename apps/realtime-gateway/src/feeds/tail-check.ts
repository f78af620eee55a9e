import type { NewestSequences } from '@runcast/event-log';
import type { Topic } from './topic.ts';

/** What one topic wants to know: whether anything stands on these subjects behind `after`. */
export interface TailQuestion {
  readonly topic: Topic;
  readonly subjects: readonly string[];
  readonly after: number;
}

export function tailQuestion(topic: Topic): TailQuestion {
  return { topic, subjects: topic.subjects(), after: topic.verifiedUpTo };
}

/** Takes the answer, and says whether it told of something that had been missed. What was asked before the topic learned of another subject says nothing about that subject. */
export function takeAnswer({ topic, subjects }: TailQuestion, newest: NewestSequences): boolean {
  let missed = false;
  for (const subject of subjects) {
    const sequence = newest.bySubject.get(subject);
    if (sequence === undefined) continue;
    missed ||= sequence > topic.tail;
    topic.missed(sequence);
  }
  // Subjects are only ever added.
  if (topic.subjects().length > subjects.length) return missed;
  topic.verifiedUpTo = Math.max(topic.verifiedUpTo, newest.appliedUpTo);
  return missed;
}
