/** What is wrong with one environment variable. Never holds the value: it may be a password. */
export interface BadVariable {
  readonly name: string;
  readonly expected: string;
}

/** sysexits' EX_CONFIG: restarting does not help, somebody must mend the environment. */
export const EXIT_CONFIG = 78;

/** The environment cannot be used. Names every bad variable at once, so that one restart mends them all. */
export class ConfigError extends Error {
  readonly code = 'bad_config';

  readonly variables: readonly BadVariable[];

  constructor(variables: readonly BadVariable[]) {
    const lines = variables.map(({ name, expected }) => `  ${name}: ${expected}`);
    super(`These environment variables are missing or not usable:\n${lines.join('\n')}`);
    this.name = 'ConfigError';
    this.variables = variables;
  }
}
