import { afterEach, expect, it } from 'vitest';
import { endState, passwordHistory } from './end-state.ts';
import { live } from './life.ts';
import { Rig } from './operator-rig.ts';

/**
 * The operator is killed after its n-th write, for every n that a tenant's life has; another one goes on. The end is the
 * same as without: nothing twice, nothing missing, and no phone is locked out by a password that was made again.
 */
let rig: Rig | undefined;

afterEach(() => rig?.end());

interface Lived {
  readonly end: Record<string, unknown>;
  /** How many passwords each user has had. */
  readonly passwords: Record<string, number>;
  readonly crashed: boolean;
  readonly writes: number;
}

async function lived(crashAfter?: number): Promise<Lived> {
  rig = await Rig.started();
  const passwords = passwordHistory(rig.server);
  let crashed = false;
  if (crashAfter !== undefined)
    void rig.server.faults.crashAfterWrites(crashAfter).then(() => {
      crashed = true;
    });
  rig.start();
  await live(rig);
  await rig.settle();
  const counts = Object.fromEntries([...passwords].map(([key, values]) => [key, values.length] as const).sort());
  const writes = rig.server.writes().filter(({ plural }) => plural !== 'leases').length;
  const result = { end: endState(rig.server), passwords: counts, crashed, writes };
  await rig.end();
  rig = undefined;
  return result;
}

it('ends the same whichever write was the last of an operator', { timeout: 600_000 }, async () => {
  const whole = await lived();
  expect(whole.passwords).toEqual({ 'acme/ann-sip': 2, 'acme/bob-sip': 1, 'acme/cat-sip': 1, 'acme/dan-sip': 1 });
  let n = 0;
  for (let crashed = true; crashed; ) {
    n++;
    const broken = await lived(n);
    expect(broken.end, `after write ${n}`).toEqual(whole.end);
    expect(broken.passwords, `after write ${n}`).toEqual(whole.passwords);
    crashed = broken.crashed;
  }
  expect(n).toBeGreaterThan(whole.writes);
});
