/**
 * The key in the address that `npm start` prints: `…/#key=<key>`. It stands behind the `#` because that part never leaves
 * the browser: no server and no proxy gets to see it, and no log keeps it.
 */
export function keyInFragment(fragment: string): string | undefined {
  const key = new URLSearchParams(fragment.replace(/^#/, '')).get('key');
  return key !== null && /^\S{1,512}$/.test(key) ? key : undefined;
}
