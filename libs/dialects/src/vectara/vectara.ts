import type { Dialect } from '../dialect.ts';
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import { mapping } from './mapping.ts';

export const vectara: Dialect = { name: 'vectara', mapping, decode, encode };
