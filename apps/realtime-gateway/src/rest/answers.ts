/** The most questions whose answers are kept. */
const MAX_KEPT = 1_000;

/** Answers that may be a little old: whoever asks the same within that time gets the same, and one asks for all. */
export class Answers<Answer> {
  private readonly kept = new Map<string, { readonly atMs: number; readonly answer: Promise<Answer> }>();

  constructor(
    private readonly maxAgeMs: number,
    private readonly now: () => number,
  ) {}

  get(question: string, ask: () => Promise<Answer>): Promise<Answer> {
    const known = this.kept.get(question);
    if (known !== undefined && this.now() - known.atMs < this.maxAgeMs) return known.answer;
    const answer = ask();
    // The oldest go first. A failure is nobody's answer but those who waited for it.
    this.kept.delete(question);
    this.kept.set(question, { atMs: this.now(), answer });
    answer.catch(() => this.forget(question, answer));
    if (this.kept.size > MAX_KEPT) this.kept.delete(this.kept.keys().next().value!);
    return answer;
  }

  private forget(question: string, answer: Promise<Answer>): void {
    if (this.kept.get(question)?.answer === answer) this.kept.delete(question);
  }
}
