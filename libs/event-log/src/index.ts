export { MAX_APPEND_EVENTS, type AppendFacts, type AppendOutcome } from './appender.ts';
export type { NewestSequences } from './direct-get.ts';
export {
  LogBackupError,
  LogIdentityError,
  LogOverloadedError,
  LogSetupError,
  LogUnavailableError,
  type UnavailableReason,
} from './errors.ts';
export { EventLog, type EventLogOptions } from './event-log.ts';
export { LogBackup, type LogBackupOptions, type ShardCopy } from './log-backup.ts';
export type { NatsLogin } from './login.ts';
export type { LogEntry } from './record.ts';
export type { LiveEntry, Watch } from './live-watches.ts';
export type { EntryPage, Shard, ShardCommit } from './shard.ts';
export { DUPLICATE_WINDOW_MS, type LogIdentity } from './streams.ts';
export type { TailOptions } from './tail.ts';
export type { ErasedMessages } from './erase.ts';
export { shardOf } from './shards.ts';
