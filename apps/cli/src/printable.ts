// C0 and C1 controls, and the marks that turn the direction of text: an event's text must not be able to move the cursor,
// rewrite lines above it or disguise what it says in the terminal of whoever watches.
// eslint-disable-next-line no-control-regex -- they are what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g;

/** One line of text that a terminal shows as it is. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, ' ').trim();
}

export function shortened(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
