import { UserError } from './errors.ts';

/** @throws UserError when the variable is missing or names no Postgres. */
export function databaseUrlOf(env: NodeJS.ProcessEnv): string {
  const url = env.DATABASE_URL ?? '';
  if (/^postgres(ql)?:\/\//.test(url)) return url;
  throw new UserError('DATABASE_URL: expected a URL starting with postgres:// or postgresql://');
}
