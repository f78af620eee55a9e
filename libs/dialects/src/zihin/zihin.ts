import type { Dialect } from '../dialect.ts';
import { decode } from './decode.ts';
import { encodeStream } from './encode-stream.ts';
import { encode } from './encode.ts';
import { mapping, streamMapping } from './mapping.ts';

/** Encodes the live-session stream. */
export const zihin: Dialect = { name: 'zihin', mapping, decode, encode };

/** The same vendor's other stream: what `POST …/stream` answers. Both decode the events of both. */
export const zihinStream: Dialect = { name: 'zihin', mapping: streamMapping, decode, encode: encodeStream };
