import type { ProblemBody } from './types.ts';

/** The gateway refused, and says why. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly problem: ProblemBody;

  constructor(problem: ProblemBody) {
    super(problem.detail);
    this.problem = problem;
  }

  /** Whether the key is unknown, revoked or of no use here: only another one helps. */
  get isAboutTheKey(): boolean {
    return this.problem.status === 401;
  }

  get isNotFound(): boolean {
    return this.problem.status === 404;
  }
}

/** The gateway could not be reached at all. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

export interface ApiRequest {
  readonly method?: 'GET' | 'POST';
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Asks the realtime gateway that served this page. */
export class Api {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  /** @throws {RefusedError | UnreachableError} */
  async json<T>(path: string, request: ApiRequest = {}): Promise<T> {
    return (await (await this.open(path, request)).json()) as T;
  }

  /** The answer of a request that was not refused. */
  async open(path: string, { method = 'GET', body, signal }: ApiRequest = {}): Promise<Response> {
    const response = await fetch(path, {
      method,
      headers: {
        authorization: `Bearer ${this.#key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
      cache: 'no-store',
    }).catch((error: unknown) => {
      if (signal?.aborted) throw error;
      throw new UnreachableError('The gateway does not answer.');
    });
    if (response.ok) return response;
    throw new RefusedError(await problemOf(response));
  }
}

/** A proxy in between may answer in its own words. */
async function problemOf(response: Response): Promise<ProblemBody> {
  const text = await response.text().catch(() => '');
  try {
    return JSON.parse(text) as ProblemBody;
  } catch {
    const detail = `The answer was ${response.status} ${response.statusText}.`;
    return { title: 'Refused', status: response.status, detail, code: 'unknown', request_id: '' };
  }
}
