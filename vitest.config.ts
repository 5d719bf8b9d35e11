import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

/** One Asterisk for all tests, whatever else this machine could run. */
const ASTERISK = { RINGFLEET_ASTERISK: process.env['RINGFLEET_ASTERISK'] ?? 'path,rootfs' };
const PATIENT = { testTimeout: 180_000, hookTimeout: 600_000, env: ASTERISK };
const WITH_OPERATOR = { globalSetup: ['test/cluster/install.ts'], ...PATIENT };

// unit: pure and fast, no processes (but the compiler's, for the toy kind). faults: the operator's whole lives, by a clock that is moved. Every other
// project starts real parts (see test/run.ts).
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'test/*.test.ts',
            'test/lint/**/*.test.ts',
            'test/contract/*.test.ts',
            'test/dialplan/**/*.test.ts',
            'test/fake-apiserver/**/*.test.ts',
          ],
          testTimeout: 20_000, // they are fast, but the machine may be busy
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          testTimeout: 300_000, // days of a platform in 15 s of a core, of which a busy machine gives a part
        },
      },
      // the command line as it is installed, against manifests and the API server in the process
      { test: { name: 'cli', include: ['test/cli/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 120_000 } },
      // the charts by the real Helm, without a cluster
      {
        test: { name: 'charts', include: ['test/charts/*.test.ts'], globalSetup: ['test/charts/setup.ts'], ...PATIENT },
      },
      {
        test: {
          name: 'asterisk',
          include: ['test/calls/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 600_000,
          env: ASTERISK,
        },
      },
      // on a real Kubernetes: first the operator by its chart, then without one, then with it, and last what every tenant would notice
      { test: { name: 'releases', include: ['test/cluster/releases/*.test.ts'], fileParallelism: false, ...PATIENT } },
      { test: { name: 'cluster', include: ['test/cluster/*.test.ts'], ...PATIENT } },
      { test: { name: 'scenarios', include: ['test/cluster/scenarios/*.test.ts'], ...WITH_OPERATOR } },
      {
        test: {
          name: 'disruptions',
          include: ['test/cluster/disruptions/*.test.ts'],
          fileParallelism: false,
          ...WITH_OPERATOR,
        },
      },
      { test: { name: 'last', include: ['test/cluster/last/*.test.ts'], ...WITH_OPERATOR } },
    ],
  },
});
