import type { Dialect } from '../dialect.ts';
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import { mapping } from './mapping.ts';

export const lyzrAgent: Dialect = { name: 'lyzr-agent', mapping, decode, encode };
