import { z } from 'zod';

/** Marks a variable as a secret: it may be given as a file, and its value is never shown. */
export function secret<S extends z.ZodType>(schema: S): S {
  return schema.meta({ ...schema.meta(), secret: true });
}

export function isSecret(schema: z.core.$ZodType): boolean {
  return (schema as z.ZodType).meta()?.['secret'] === true;
}

/** A whole number written in decimal digits. */
export function wholeNumber({ min, max }: { min: number; max: number }) {
  return z.string().transform((text, context) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    context.addIssue({ code: 'custom', message: `expected a whole number from ${min} to ${max}` });
    return z.NEVER;
  });
}

/** A number from 0 to 1, written as a decimal fraction. */
export function ratio() {
  return z.string().transform((text, context) => {
    if (/^(0(\.\d{1,9})?|1(\.0{1,9})?)$/.test(text)) return Number(text);
    context.addIssue({ code: 'custom', message: 'expected a number from 0 to 1, such as 0.05' });
    return z.NEVER;
  });
}

/** A URL of one of the given schemes (`nats`, `postgres`, ...). */
export function url(...schemes: string[]) {
  return z.string().refine((text) => isUrlOf(schemes, text), expectedUrl(schemes));
}

/** One or several URLs of the given schemes, separated by commas. */
export function urlList(...schemes: string[]) {
  const isList = (text: string) => text.split(',').every((part) => isUrlOf(schemes, part.trim()));
  return z.string().refine(isList, `${expectedUrl(schemes)}, or several separated by commas`);
}

function isUrlOf(schemes: readonly string[], text: string): boolean {
  return URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1));
}

function expectedUrl(schemes: readonly string[]): string {
  return `expected a URL starting with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
}
