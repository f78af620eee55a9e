import type * as z from 'zod';

/** Whether a value fits. Never wrong when it says yes; a no means that zod has to say. */
export type QuickVerdict = (value: unknown) => boolean;

const unsure: QuickVerdict = () => false;
const verdicts = new WeakMap<z.core.$ZodType, QuickVerdict>();

/**
 * A schema as a predicate, worked out from the schema itself once. zod collects issues and builds a second value, which nobody here
 * wants of an event that fits, as nearly all do: that was a sixth of what taking an event in costs.
 */
export function quickVerdict(schema: z.core.$ZodType): QuickVerdict {
  const known = verdicts.get(schema);
  if (known !== undefined) return known;
  const verdict = verdictOf((schema as z.core.$ZodTypes)._zod.def);
  verdicts.set(schema, verdict);
  return verdict;
}

/** The kinds that formats are mostly made of. Whatever else there is, or has conditions of its own, is left to zod. */
function verdictOf(def: z.core.$ZodTypes['_zod']['def']): QuickVerdict {
  if (def.checks !== undefined && def.checks.length > 0) return unsure;
  switch (def.type) {
    case 'custom':
      return (value) => def.fn(value) === true;
    case 'string':
      return (value) => typeof value === 'string';
    case 'boolean':
      return (value) => typeof value === 'boolean';
    case 'enum':
      return isAmong(Object.values(def.entries));
    case 'literal':
      return isAmong(def.values);
    case 'nullable':
      return isNullOr(quickVerdict(def.innerType));
    case 'optional':
      return quickVerdict(def.innerType);
    case 'array':
      return areAll(quickVerdict(def.element));
    case 'object':
      return isObjectOf(def);
    default:
      return unsure;
  }
}

function isAmong(values: readonly unknown[]): QuickVerdict {
  return (value) => typeof value === 'string' && values.includes(value);
}

function isNullOr(inner: QuickVerdict): QuickVerdict {
  return (value) => value === null || inner(value);
}

function areAll(element: QuickVerdict): QuickVerdict {
  return (value) => Array.isArray(value) && value.every(element);
}

function isObjectOf({ shape, catchall }: z.core.$ZodObjectDef): QuickVerdict {
  // Members that are not listed must be free to pass.
  if (catchall?._zod.def.type !== 'unknown') return unsure;
  const members = Object.entries(shape).map(([name, schema]) => ({
    name,
    fits: quickVerdict(schema),
    mayMiss: schema._zod.def.type === 'optional',
  }));
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    for (const { name, fits, mayMiss } of members) {
      const member = (value as Record<string, unknown>)[name];
      if (member === undefined ? !mayMiss || name in value : !fits(member)) return false;
    }
    return true;
  };
}
