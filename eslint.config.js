import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/** The rooms of `src`, and what each may import besides itself. An arrow never points back. */
const ROOMS = {
  protocol: [],
  config: [],
  demo: [],
  logging: ['config'],
  delivery: ['config', 'protocol'],
  wire: ['config', 'protocol', 'delivery'],
  'fast-path': ['config', 'protocol', 'delivery', 'wire'],
  presence: ['config', 'protocol', 'delivery'],
  calls: ['config', 'protocol', 'delivery', 'presence'],
  drain: ['config', 'protocol', 'delivery', 'presence', 'calls'],
  health: ['config', 'protocol', 'drain'],
  http: ['config', 'protocol', 'health', 'demo', 'rate-limit'],
  metrics: ['config', 'protocol', 'delivery', 'presence', 'calls'],
  'rate-limit': ['config', 'protocol', 'delivery'],
  auth: ['config', 'protocol', 'delivery', 'presence', 'rate-limit'],
  signaling: [
    'auth',
    'config',
    'protocol',
    'delivery',
    'presence',
    'calls',
    'drain',
    'fast-path',
    'http',
    'metrics',
    'rate-limit',
    'wire',
  ],
};

const directions = Object.entries(ROOMS).map(([room, allowed]) => ({
  files: [`src/${room}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            group: [
              ...Object.keys(ROOMS)
                .filter((other) => other !== room && !allowed.includes(other))
                .flatMap((other) => [`../${other}/*`, `../../${other}/*`]),
              ...(room === 'protocol' ? [] : ['../*.js']),
            ],
            message: `${room} may import ${allowed.join(', ') || 'no other room'}; see eslint.config.js.`,
          },
        ],
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['dist', 'dist-bench', 'dist-dev', 'coverage'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreVoidReturningFunctions: true, ignoreArrowShorthand: true },
      ],
      // Nest takes its options, which are classes, as literals.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // Nest modules are classes with nothing in them.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/config/**', '**/*.spec.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Settings is the only reader of it.' },
      ],
    },
  },
  {
    files: ['src/demo/public/*.js', 'examples/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'document',
          'navigator',
          'location',
          'history',
          'addEventListener',
          'URL',
          'URLSearchParams',
          'localStorage',
          'sessionStorage',
          'io',
          'RTCPeerConnection',
          'MediaStream',
          'AudioContext',
          'GainNode',
          'OscillatorNode',
          'console',
          'setTimeout',
          'clearTimeout',
          'setInterval',
          'clearInterval',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
  ...directions,
);
