import { types } from 'node:util';
import { pino, type DestinationStream } from 'pino';
import type { LoggerService } from '@nestjs/common';
import type { LOG_LEVELS } from './config/variables.ts';
import { isSecretField, loggable } from './redaction.ts';

export type Logger = pino.Logger;

export interface LoggerOptions {
  readonly service: string;
  readonly level: (typeof LOG_LEVELS)[number] | 'silent';
  /** Where lines go; standard output when left out. */
  readonly destination?: DestinationStream;
}

/**
 * JSON lines with `time` (ISO 8601), `level` (word), `service`, `msg`. Strings are cut to 256 characters and cannot hold
 * control characters, whoever chose them. Event payloads and keys are never handed to it; what comes in all the same, in an
 * error's words or in an address, is redacted.
 *
 * Writes synchronously: the last line before a crash is the one that is needed.
 */
export function createLogger({ service, level, destination }: LoggerOptions): Logger {
  const options: pino.LoggerOptions = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    // pino's own would run first and undo the cause.
    serializers: { err: (error: unknown) => error },
    formatters: { level: (label) => ({ level: label }), log: tamed },
    hooks: {
      logMethod(args, method) {
        method.apply(this, args.map((arg) => (typeof arg === 'string' ? loggable(arg) : arg)) as typeof args);
      },
    },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** Nest's own lines, in the same stream. Its start-up chatter is debug to anybody but Nest. */
export function nestLogger(logger: Logger): LoggerService {
  const debug = (message: unknown) => logger.debug(String(message));
  const failure = (message: unknown) => logger.error(message instanceof Error ? { err: message } : {}, String(message));
  return {
    log: debug,
    debug,
    verbose: debug,
    warn: (message: unknown) => logger.warn(String(message)),
    error: failure,
    fatal: failure,
  };
}

const MAX_STACK_CHARS = 4_000;

function tamed(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, tameField(name, value, 2)]));
}

function tameField(name: string, value: unknown, depth: number): unknown {
  return isSecretField(name) ? '[redacted:field]' : tame(value, depth);
}

function tame(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return loggable(value);
  if (value instanceof Error || types.isNativeError(value)) return describeError(value, depth);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return Array.isArray(value) ? '[array]' : '[object]';
  if (Array.isArray(value)) return value.slice(0, 20).map((element) => tame(element, depth - 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [loggable(name), tameField(name, inner, depth - 1)]),
  );
}

function describeError(error: Error, depth: number): object {
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    message: loggable(error.message),
    ...(typeof code === 'string' && { code }),
    stack: loggable(error.stack ?? '', MAX_STACK_CHARS),
    ...(error.cause instanceof Error && depth > 0 && { cause: describeError(error.cause, depth - 1) }),
  };
}
