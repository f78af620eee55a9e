import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DialectName, JsonObject, JsonValue } from '@runcast/run-events';

/** Every canary holds `CNRY` and its own number, so that one that got through says where it was planted. */
export const CANARY = /CNRY\d{5}/g;

const FIXTURES = fileURLToPath(new URL('../../libs/dialects/src', import.meta.url));

/** How secrets look; each form is named by a rule. `c` is the canary. */
const FORMS: readonly ((c: string) => string)[] = [
  (c) => `sk-${c}${'a1'.repeat(12)}`,
  (c) => `Authorization: Bearer ${c}.abc123`,
  (c) => `eyJhbGciOiJub25l.eyJ${c}abc.${c}`,
  (c) => `AKIA${c}ABCDEFG`,
  (c) => `ghp_${c}${'b2'.repeat(14)}`,
  (c) => `-----BEGIN PRIVATE KEY-----\nMIIE${c}\n-----END PRIVATE KEY-----`,
  (c) => `postgres://admin:${c}@db.internal/app`,
  (c) => `GET /v1/stream?token=${c}abcdef&after=1`,
  (c) => `export DB_PASSWORD='${c} with spaces'`,
  (c) => JSON.stringify({ headers: { Cookie: `sid=${c}`, 'x-api-key': c }, deep: [JSON.stringify({ secret: c })] }),
  (c) => `{'client_secret': '${c}', cut off in the mid`,
];

export interface Planted {
  readonly number: string;
  readonly dialect: DialectName;
  readonly event: JsonObject;
}

/** The vendors' own example events, as one text each. */
export function exampleEvents(dialect: DialectName): JsonObject[] {
  const folder = join(FIXTURES, dialect, 'fixtures');
  const texts = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  return texts
    .flatMap((text) => text.split('\n').filter((line) => line.trim() !== ''))
    .map((line) => JSON.parse(line) as JsonObject);
}

/** Plants canaries: numbers them, and takes the forms in turn. */
export class Planter {
  private next = 0;

  /** A fresh secret in some form, and its number. */
  secret(): { readonly number: string; readonly text: string } {
    const number = `CNRY${String(this.next).padStart(5, '0')}`;
    const form = FORMS[this.next % FORMS.length]!;
    this.next += 1;
    return { number, text: form(number) };
  }

  /** Copies of the event, each with one secret: behind every text, as a member of every object, as a name. */
  plantEverywhere(dialect: DialectName, event: JsonObject): Planted[] {
    const paths = pathsOf(event);
    return paths.flatMap((path) => {
      const found = at(event, path);
      if (typeof found === 'string') return [this.planted(dialect, event, path, (text) => `${found} ${text} `)];
      if (typeof found !== 'object' || found === null || Array.isArray(found)) return [];
      return [
        this.planted(dialect, event, path, (text) => ({ ...found, note: text })),
        this.planted(dialect, event, path, (_text, number) => ({ ...found, password: { list: [number] } })),
        this.planted(dialect, event, path, (_text, number) => ({ ...found, [`sk-${number}${'c3'.repeat(12)}`]: true })),
      ];
    });
  }

  private planted(
    dialect: DialectName,
    event: JsonObject,
    path: readonly string[],
    change: (text: string, number: string) => JsonValue,
  ): Planted {
    const { number, text } = this.secret();
    const copy = structuredClone(event);
    // A planted event must be one of its own, not a repeat of its original.
    for (const id of ['id', 'event_id', 'log_id'])
      if (typeof copy[id] === 'string') copy[id] = `${copy[id]}-${number.slice(4)}`;
    return { number, dialect, event: replaced(copy, path, change(text, number)) as JsonObject };
  }
}

function pathsOf(value: JsonValue, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, member]) => pathsOf(member, [...path, key]))];
}

function at(value: JsonValue, path: readonly string[]): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>((node, key) => (node as JsonObject | undefined)?.[key], value);
}

function replaced(value: JsonValue, [key, ...rest]: readonly string[], by: JsonValue): JsonValue {
  if (key === undefined) return by;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as JsonObject) }) as JsonObject;
  copy[key] = replaced(copy[key]!, rest, by);
  return copy;
}
