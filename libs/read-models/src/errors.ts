/** A batch that does not follow the projection's position: a fault of the reader, never of the records. */
export class BatchOutOfOrderError extends Error {
  readonly code = 'batch-out-of-order';

  constructor(
    readonly shard: number,
    readonly after: number,
    readonly found: number,
  ) {
    super(`Shard ${shard}: expected a sequence above ${after}, got ${found}; nothing was written.`);
    this.name = 'BatchOutOfOrderError';
  }
}

/** A batch from another stream than the one the tables were built from. Needs an operator: rebuild, or restore. */
export class ForeignEpochError extends Error {
  readonly code = 'foreign-epoch';

  constructor(
    readonly shard: number,
    readonly expected: string,
    readonly found: string,
  ) {
    super(
      `Shard ${shard}: the tables were built from epoch ${expected}, the batch is of epoch ${found} or of another shard.`,
    );
    this.name = 'ForeignEpochError';
  }
}

/** Two rebuilds of one shard would write into the same shadow tables. */
export class RebuildUnderWayError extends Error {
  readonly code = 'rebuild-under-way';

  constructor(readonly shard: number) {
    super(`Shard ${shard}: another rebuild of it is under way.`);
    this.name = 'RebuildUnderWayError';
  }
}

/** A COMMIT that Postgres answered with something else: the transaction had already failed. */
export class CommitRefusedError extends Error {
  readonly code = 'commit-refused';

  constructor(readonly answer: string) {
    super(`Postgres answered COMMIT with ${answer}.`);
    this.name = 'CommitRefusedError';
  }
}

/** A migration that this release does not have: the tables, or a copy of them, come from a newer one. */
export class UnknownMigrationError extends Error {
  constructor(name: string) {
    super(`this release knows no migration ${name}: it takes the release that the tables come from, or a newer one`);
    this.name = 'UnknownMigrationError';
  }
}

/** A copy of the tables was to be put where tables are already. */
export class DatabaseNotEmptyError extends Error {
  constructor() {
    super('the database has tables already; a copy goes into an empty one');
    this.name = 'DatabaseNotEmptyError';
  }
}

/** The role under which tenants' data are read is missing, and this user may not make it. */
export class ReaderRoleError extends Error {
  readonly code = 'reader-role';

  constructor(role: string, user: string, options?: ErrorOptions) {
    super(
      `The tables are up to date, but nobody can read them: the role ${role} is missing, or this user may not take it. ` +
        `Have somebody who may run these two statements once, then migrate again:\n` +
        `  CREATE ROLE ${role} NOLOGIN;\n  GRANT ${role} TO ${user};`,
      options,
    );
    this.name = 'ReaderRoleError';
  }
}
