import type { Position } from './position.ts';

/**
 * The fact that a run joined a session. From `position` on, every event of the run belongs to the session, whether
 * or not it names the session itself. A run may join several sessions; joining again changes nothing.
 */
export interface SessionLink {
  readonly tenant: string;
  readonly session: string;
  readonly run: string;
}

export interface RecordedLink extends SessionLink {
  readonly position: Position;
}
