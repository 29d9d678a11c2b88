/** What a service without its fast path has to hold as well: all that goes in and out. */
const ALSO_WITHOUT_FAST_PATH = [
  'bursts',
  'calls-conflicts',
  'calls-happy',
  'calls-tutorial',
  'devices',
  'foreign-clients',
  'glare',
  'protocols',
  'transport-upgrade',
  'tutorial-call',
  'welcome',
];

const common = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};

export default {
  projects: [
    {
      ...common,
      displayName: 'switchboard',
      testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.test.ts'],
    },
    {
      ...common,
      displayName: 'without the fast path',
      testMatch: ALSO_WITHOUT_FAST_PATH.map((name) => `<rootDir>/test/e2e/${name}.test.ts`),
      setupFiles: ['<rootDir>/test/support/without-fast-path.js'],
    },
  ],
  testTimeout: 20_000,
  maxWorkers: 2,
  workerIdleMemoryLimit: '2GB',
  coverageProvider: 'v8',
  collectCoverageFrom: [
    'src/**/*.ts',
    '!src/**/*.spec.ts',
    '!src/main.ts',
    '!src/start.ts',
    '!src/token.ts',
    '!src/stop-early.ts',
  ],
  coverageReporters: ['text-summary', 'lcovonly'],
  coverageThreshold: { global: { lines: 95 } },
};
