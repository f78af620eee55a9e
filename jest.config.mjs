// One Jest for the whole repository. The suffix of a spec states its cost:
//   *.spec.ts      pure, milliseconds
//   *.int.spec.ts  real nats-server and real Postgres, started once by the global set-up
//   *.e2e.spec.ts  in tests/, drives `npm start` as a new user would
// Each suite is a project of its own, so that pure specs never wait for a backend.
const shared = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  // 'import' must not be listed: it would also apply to require() and break pg.
  testEnvironmentOptions: { customExportConditions: ['@runcast/source', 'node', 'node-addons'] },
  modulePathIgnorePatterns: ['/dist/', '/.runcast/'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'nodenext' },
      },
    ],
  },
};
const backends = {
  globalSetup: '<rootDir>/libs/test-harness/src/global-setup.ts',
  globalTeardown: '<rootDir>/libs/test-harness/src/global-teardown.ts',
};

export default {
  // Real servers on a small, busy machine take their time, hooks that start them too. Longer than `waitFor` is patient,
  // which says what was missing; this only says where.
  testTimeout: 120_000,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/{apps,libs}/*/src/**/*.spec.ts', '<rootDir>/tests/**/*.spec.ts'],
      testPathIgnorePatterns: ['\\.(int|e2e)\\.spec\\.ts$', '/node_modules/'],
    },
    {
      ...shared,
      ...backends,
      displayName: 'integration',
      testMatch: ['<rootDir>/{apps,libs}/*/src/**/*.int.spec.ts'],
    },
    { ...shared, displayName: 'e2e', testMatch: ['<rootDir>/tests/**/*.e2e.spec.ts'] },
  ],
};
