import type { Handler } from './operations.ts';

/** Begins to drain the PBX for a roll, or renews the lease. The answer does not wait for the end, which may take hours. */
export const drain: Handler<'drain'> = async ({ deadlineSeconds }, { drainer, drainDeadlineMs, log }, signal) => {
  const deadlineMs = deadlineSeconds === undefined ? drainDeadlineMs : deadlineSeconds * 1000;
  drainer.drain(deadlineMs, signal).catch(error => log.debug({ err: error }, 'Ended a drain'));
  return 202;
};
