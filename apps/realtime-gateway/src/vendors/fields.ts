import { ID_EXPECTED, isId, type JsonObject } from '@runcast/run-events';
import { z } from 'zod';

/** Fields of vendors' request bodies, each with the words of its error message. */
export const id = z.custom<string>(isId, ID_EXPECTED);
export const text = z.string('a string');
export const filledText = z.string('a string that is not empty').min(1, 'a string that is not empty');
export const object = z.record(z.string(), z.unknown(), 'an object') as unknown as z.ZodType<JsonObject>;
export const flag = z.boolean('true or false');
