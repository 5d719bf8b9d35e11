import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The files of a project that take longest, longest first: they begin before all others, so that the rest is done beside
 * them. A file that is not here begins in the order that vitest finds for it.
 */
export const LONGEST = [
  'faults/crash-at-every-write',
  'calls/facts/sessions',
  'faults/rolls',
  'calls/takeover',
  'calls/trunk',
  'calls/internal',
  'calls/facts/bans',
  'calls/adversary/memory',
  'calls/facts/connections',
  'calls/poison',
  'calls/emergency',
  'cluster/scenarios/tenant-chart',
  'cluster/scenarios/idle',
  'cluster/scenarios/goodbye',
  'cluster/scenarios/carrier',
].map(name => `test/${name}.test.ts`);

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = LONGEST.findIndex(name => moduleId.endsWith(`/${name}`));
      return index < 0 ? LONGEST.length : index;
    };
    return sorted.toSorted((one, other) => rank(one) - rank(other));
  }
}
