import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NOTHING, outcomeOf, together } from './report.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringfleet-report-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function reported(testResults: unknown[], counts: { passed: number; failed: number }): Promise<string> {
  const file = join(folder, 'report.json');
  const report = { numPassedTests: counts.passed, numFailedTests: counts.failed, numPendingTests: 1, numTodoTests: 0 };
  await writeFile(file, JSON.stringify({ ...report, testResults }));
  return file;
}

const PASSED = { fullName: 'a call is heard', status: 'passed', failureMessages: [] };
const FAILED = { fullName: 'a call is ended', status: 'failed', failureMessages: ['Error: in vain\n    at x.ts:1'] };

describe('the outcome of a part', () => {
  it('names each failure and its message', async () => {
    const files = [{ name: 'calls.test.ts', status: 'failed', message: '', assertionResults: [PASSED, FAILED] }];

    expect(await outcomeOf('calls', await reported(files, { passed: 1, failed: 1 }), 1)).toEqual({
      passed: 1,
      failed: 1,
      skipped: 1,
      failures: ['calls.test.ts: a call is ended\n    Error: in vain\n        at x.ts:1'],
    });
  });

  it('counts a file that could not begin', async () => {
    const files = [{ name: 'calls.test.ts', status: 'failed', message: 'no Asterisk', assertionResults: [] }];
    const outcome = await outcomeOf('calls', await reported(files, { passed: 0, failed: 0 }), 1);

    expect(outcome).toMatchObject({ failed: 1, failures: ['calls.test.ts\n    no Asterisk'] });
  });

  it('counts a part that ended badly without a failed test, and one without a report', async () => {
    const file = await reported([], { passed: 3, failed: 0 });

    expect(await outcomeOf('calls', file, 134)).toMatchObject({ passed: 3, failed: 1, failures: [expect.any(String)] });
    expect(await outcomeOf('calls', join(folder, 'none.json'), 1)).toMatchObject({ passed: 0, failed: 1 });
  });

  it('is added up', () => {
    const one = { passed: 1, failed: 1, skipped: 0, failures: ['one'] };
    expect([one, NOTHING, { ...one, failures: ['two'] }].reduce(together)).toEqual({
      passed: 2,
      failed: 2,
      skipped: 0,
      failures: ['one', 'two'],
    });
  });
});
