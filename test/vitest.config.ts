/**
 * Three groups, one after the other, so that suites that need both cores or real processes never
 * share the machine with the rest: quick tests in parallel, then the simulator, then real processes
 * one file at a time.
 */
import { defineConfig } from 'vitest/config'

const root = new URL('..', import.meta.url).pathname

export default defineConfig({
  root,
  test: {
    maxWorkers: 2,
    projects: [
      {
        root,
        test: {
          name: 'quick',
          include: ['test/{unit,golden,property,contract}/**/*.test.ts'],
          testTimeout: 30_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        root,
        test: {
          name: 'sim',
          include: ['test/{sim,crash}/**/*.test.ts'],
          testTimeout: 900_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        root,
        test: {
          name: 'processes',
          include: ['test/{e2e,gate,interop,bench}/**/*.test.ts'],
          testTimeout: 480_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
