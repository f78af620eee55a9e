import { marker } from './marker.ts';

// Greedy and without alternatives: a run of digits is read once, however long it is.
const DIGIT_RUN = /\d(?:[ -]?\d){12,}/g;

/** The longest run of digits in which cards are looked for; in a longer one (a dump, a hash) everything goes. */
const MAX_RUN_CHARS = 256;
const MIN_DIGITS = 13;
const MAX_DIGITS = 19;

/** The text without payment card numbers: 13 to 19 digits, grouped or not, that begin as cards do and pass Luhn's check. */
export function redactCards(text: string): string {
  return text.replace(DIGIT_RUN, (run) => (run.length > MAX_RUN_CHARS ? marker('card') : redactRun(run)));
}

export function isCard(digits: string): boolean {
  return digits.length >= MIN_DIGITS && digits.length <= MAX_DIGITS && /^[3-6]/.test(digits) && passesLuhn(digits);
}

/** A number before or after a card belongs to the same run of digits: `12 4111 1111 1111 1111`. */
function redactRun(run: string): string {
  const groups = [...run.matchAll(/\d+/g)].map((group) => ({ start: group.index, end: group.index + group[0].length }));
  for (const [first, { start }] of groups.entries()) {
    for (const { end } of groups.slice(first)) {
      if (!isCard(run.slice(start, end).replace(/\D/g, ''))) continue;
      return run.slice(0, start) + marker('card') + redactCards(run.slice(end));
    }
  }
  return run;
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 0x30;
    const doubled = index % 2 === 0 ? digit : digit * 2;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
