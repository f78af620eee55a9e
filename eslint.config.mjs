import nx from '@nx/eslint-plugin';
import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import { importLaw } from './tools/import-law.mjs';

/** Specs and their fixtures may also use the test harness. */
const importLawForSpecs = importLaw.map((rule) => ({
  ...rule,
  onlyDependOnLibsWithTags: [...rule.onlyDependOnLibsWithTags, 'type:harness'],
  ...(rule.allowedExternalImports && {
    allowedExternalImports: [...rule.allowedExternalImports, '@jest/globals', 'fast-check'],
  }),
}));
const boundaries = (depConstraints) => ({
  '@nx/enforce-module-boundaries': [
    'error',
    { depConstraints, banTransitiveDependencies: true, enforceBuildableLibDependency: true, allow: [] },
  ],
});
/** A vendor library has one owner, so that replacing it touches one folder. */
const owned = (patterns) => ({
  'no-restricted-imports': ['error', { patterns: patterns.map(([group, message]) => ({ group, message })) }],
});
const nats = [['@nats-io/*'], 'Only libs/event-log and libs/agent-commands import NATS.'];
const tables = [['typeorm', 'pg'], 'Only libs/read-models imports TypeORM and pg.'];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.runcast/**', '.nx/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx },
    rules: {
      ...boundaries(importLaw),
      ...owned([nats, tables]),
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // An injected class must stay a value import: `import type` silently breaks Nest's injection.
      '@typescript-eslint/consistent-type-imports': 'off',
      'no-console': 'error',
    },
  },
  { files: ['libs/event-log/**/*.ts', 'libs/agent-commands/**/*.ts'], rules: owned([tables]) },
  { files: ['libs/read-models/**/*.ts', 'libs/test-harness/**/*.ts'], rules: owned([nats]) },
  {
    files: ['**/*.spec.ts', '**/*.fixture.ts', 'tests/**/*.ts'],
    rules: { ...boundaries(importLawForSpecs), 'no-restricted-imports': 'off' },
  },
  // The command line's product is what it prints.
  { files: ['apps/cli/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'Buffer',
          'URL',
          'clearInterval',
          'clearTimeout',
          'console',
          'fetch',
          'performance',
          'process',
          'setInterval',
          'setTimeout',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
);
