/** The client closed the connection, or the network did. */
export class ClientGoneError extends Error {
  constructor() {
    super('the client is gone');
    this.name = 'ClientGoneError';
  }
}

/** The client keeps the connection and does not read. */
export class ClientStalledError extends Error {
  constructor(stalledMs: number) {
    super(`the client has not read for ${stalledMs} ms`);
    this.name = 'ClientStalledError';
  }
}
