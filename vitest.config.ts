import { defineConfig } from 'vitest/config';

// unit: pure and fast, no processes. faults: the operator's whole lives, by a clock that is moved. Every other
// project starts real parts (see test/run.ts).
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/*.test.ts', 'test/fake-apiserver/**/*.test.ts'],
          testTimeout: 20_000, // they are fast, but the machine may be busy
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'asterisk',
          include: ['test/calls/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          globalSetup: ['test/cluster/install.ts'],
          testTimeout: 180_000,
          hookTimeout: 1_800_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
