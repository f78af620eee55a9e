import { CANONICAL_EVENT_TYPES } from '@runcast/run-events';
import { exact, type Mapping } from '../mapping.ts';

/** Our own words, so nothing is lost. */
export const mapping = Object.fromEntries(CANONICAL_EVENT_TYPES.map((type) => [type, exact('the same')])) as Mapping;
