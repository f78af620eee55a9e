/** How long a request that is answered at the end of a run waits for it. */
export class AnswerLimit {
  constructor(readonly ms: number) {}
}
