export { isMarker } from './marker.ts';
export { MAX_PATHS, Redactor, type Redacted } from './redactor.ts';
export { readRules, STANDARD_RULES, type ReadRules, type RedactionRules } from './rules.ts';
export { takeIn, type IdSource, type TakenIn } from './take-in.ts';
