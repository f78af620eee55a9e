import type { CanonicalEventType } from '@runcast/run-events';

/**
 * What one wire format makes of one canonical event type.
 *
 * - exact: encoded and decoded again it has the same type and equal data.
 * - lossy: it comes back as `becomes`, and of its data at least `keeps` (dotted paths) is equal.
 * - none: the format cannot say it; nothing is sent.
 */
export type Fidelity =
  | { readonly kind: 'exact'; readonly as: string }
  | {
      readonly kind: 'lossy';
      readonly as: string;
      readonly becomes: string;
      readonly keeps: readonly string[];
      /** For people: what does not survive, or when nothing is sent. */
      readonly lost: string;
    }
  | { readonly kind: 'none' };

/** One column of the mapping table. The compiler asks for every canonical type. */
export type Mapping = Readonly<Record<CanonicalEventType, Fidelity>>;

export const none: Fidelity = { kind: 'none' };

/** @param as the vendor's own words for it */
export function exact(as: string): Fidelity {
  return { kind: 'exact', as };
}

export function lossy(as: string, becomes: string, keeps: readonly string[], lost: string): Fidelity {
  return { kind: 'lossy', as, becomes, keeps, lost };
}
