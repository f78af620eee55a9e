/** The feed cannot be watched, and trying again would not help. */
export class WatchError extends Error {
  override readonly name = 'WatchError';
  /** `refused`: the gateway answered `status`, or closed a shared socket with it. `malformed`: it sent what is not an event of a feed. */
  readonly code: 'refused' | 'malformed';
  readonly status: number | undefined;

  constructor(code: 'refused' | 'malformed', detail: string, status?: number) {
    const by = status === undefined ? '' : ` with ${status}`;
    super(code === 'refused' ? `The gateway refused the feed${by}: ${detail}` : `Not a feed: ${detail}`);
    this.code = code;
    this.status = status;
  }
}
