import { readFile } from 'node:fs/promises';

/** What a part of the tests said, as vitest's JSON report has it. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Name and message of each failure: the end of a long output is what is read first, and may be all that is kept. */
  readonly failures: readonly string[];
}

export const NOTHING: Outcome = { passed: 0, failed: 0, skipped: 0, failures: [] };

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    /** What kept the whole file from running. */
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

const MESSAGE_LINES = 12;

/** Reads a report. A part that ends without one (it could not even start), or badly without saying why, failed once. */
export async function outcomeOf(part: string, file: string, exitCode: number): Promise<Outcome> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return failedOnce(`${part} ended with ${exitCode} before it could report`);
  const report = JSON.parse(text) as Report;
  const failures = report.testResults.flatMap(failuresOf);
  if (report.numFailedTests === 0 && exitCode !== 0 && failures.length === 0)
    failures.push(`${part} ended with ${exitCode} although no test failed`);
  return {
    passed: report.numPassedTests,
    failed: Math.max(report.numFailedTests, exitCode === 0 ? 0 : 1),
    skipped: report.numPendingTests + report.numTodoTests,
    failures,
  };
}

export function failedOnce(why: string): Outcome {
  return { ...NOTHING, failed: 1, failures: [why] };
}

export function together(a: Outcome, b: Outcome): Outcome {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    failures: [...a.failures, ...b.failures],
  };
}

function failuresOf(file: Report['testResults'][number]): string[] {
  const cases = file.assertionResults.filter(one => one.status === 'failed');
  if (cases.length === 0) return file.status === 'failed' ? [`${file.name}\n${shortened(file.message)}`] : [];
  return cases.map(one => `${file.name}: ${one.fullName}\n${shortened(one.failureMessages.join('\n'))}`);
}

function shortened(message: string): string {
  const lines = message.split('\n').map(line => `    ${line}`);
  return lines.slice(0, MESSAGE_LINES).join('\n');
}
