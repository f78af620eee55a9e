/** The largest single event, as the bytes that come in. The log may refuse less: it also keeps the facts beside them. */
export const MAX_EVENT_BYTES = 1024 * 1024;

/** The largest body of several events. Bounds how long decoding one request keeps the others waiting. */
export const MAX_BATCH_BYTES = 4 * 1024 * 1024;
