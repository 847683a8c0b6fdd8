import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

const root = new URL('../..', import.meta.url).pathname
const general = [
  { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
  {
    selector: 'ClassDeclaration[superClass]:not([superClass.name=/(Error|Fault|Defect|Refusal)$/])',
    message: 'Compose; extend nothing but Error.',
  },
]

export default defineConfig(
  {
    basePath: root,
    ignores: [
      'dist/**',
      'src/edge/grpc/gen/**',
      'scripts/lint/*.d.ts',
      '**/*.cjs',
      '**/*.js',
      'node_modules/**',
    ],
  },
  {
    basePath: root,
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        { ignoreVoid: false, ignoreIIFE: false },
      ],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/promise-function-async': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/strict-boolean-expressions': [
        'error',
        { allowString: false, allowNumber: false, allowNullableObject: true },
      ],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/no-unnecessary-condition': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'max-lines': ['error', { max: 500, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
      'max-depth': ['error', 3],
      'no-await-in-loop': 'off',
      'no-restricted-syntax': ['error', ...general],
    },
  },
  {
    basePath: root,
    files: ['src/base/**/*.ts', 'src/core/**/*.ts', 'src/engine/**/*.ts', 'src/sim/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now' },
        { object: 'Math', property: 'random' },
      ],
    },
  },
  {
    basePath: root,
    files: ['src/engine/**/*.ts', 'src/sim/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...general,
        {
          selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
          message: 'Time comes from the clock port.',
        },
      ],
    },
  },
  {
    basePath: root,
    files: ['src/base/**/*.ts', 'src/core/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...general, // a later block replaces an earlier one's options
        {
          selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
          message: 'Time is an argument.',
        },
        { selector: ':function[async=true]', message: 'The core is synchronous.' },
        { selector: 'AwaitExpression', message: 'The core is synchronous.' },
        {
          selector: 'TSTypeReference[typeName.name="Promise"]',
          message: 'The core is synchronous.',
        },
      ],
    },
  },
  { basePath: root, files: ['test/**/*.ts'], rules: { 'max-lines-per-function': 'off' } },
  // The tool asks for a default export.
  {
    basePath: root,
    files: ['test/vitest.config.ts'],
    rules: { 'no-restricted-syntax': ['error', ...general.slice(1)] },
  },
)
