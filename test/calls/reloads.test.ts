import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bundle } from '../../src/core/plan.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { organization, user } from '../snapshots.ts';
import { AgentRig, bundleFor, loaded } from './agent-rig.ts';
import { freePorts } from './ports.ts';
import { type Answer, SipClient } from './sip.ts';

/** Somebody edits a tenant of a thousand people, again and again, while they call each other: nobody notices. */
const PORT = await freePorts();
const PEOPLE = 1_000;
const RELOADS = 20;
const EVERY_MS = 20; // 50 new calls a second
const limits = { users: PEOPLE, concurrentCalls: 200 };
const rest = Array.from({ length: PEOPLE - 2 }, (_, at) => user(`u${at}`, String(2000 + at), {}, at % 60));
let rig: AgentRig;

/** Two that differ in what Asterisk reads again: the text of a user, the globals of the tenant. */
function bundle(edited: boolean): Bundle {
  const spec = { ring: { seconds: edited ? 25 : 20 }, voicemail: { enabled: false } };
  const users = [user('jane', '1001', {}, 1), user('john', '1002', spec, 2), ...rest];
  return bundleFor(PORT, {
    organizations: [organization({ limits: { ...limits, concurrentCalls: edited ? 201 : 200 } })],
    users,
  });
}

beforeAll(async () => {
  rig = await AgentRig.start(PORT);
});

afterAll(async () => {
  await rig?.stop();
});

async function inForce(next: Bundle): Promise<void> {
  await rig.publish(next);
  await loaded(rig, next.manifest.generation);
}

describe('twenty reloads', () => {
  it('refuse none of fifty new calls a second, and no moment has an empty global', async () => {
    const bundles = [bundle(false), bundle(true)];
    await inForce(bundles[0] as Bundle);
    const [caller, callee] = [await SipClient.open(PORT), await SipClient.open(PORT)];
    const auth = { username: 'acme_1001', password: 'password-of-jane-sip' };
    await callee.register('acme_1002', { auth: { username: 'acme_1002', password: 'password-of-john-sip' } });
    callee.reply = () => ({ code: 486 }); // she is reached, and the call is over
    let reloading = true;
    const answers: Promise<Answer>[] = [];
    const calls = async (): Promise<void> => {
      while (reloading) {
        answers.push(caller.request('INVITE', '1002', { from: 'acme_1001', auth, deadlineMs: 40_000 }));
        await systemClock.sleep(EVERY_MS);
      }
    };
    let empty = 0;
    const looks = async (): Promise<void> => {
      while (reloading) {
        const answer = await rig.agent.client?.action('Getvar', { Variable: 'RF_STATE' });
        if (answer?.['Value'] !== 'Active') empty++;
      }
    };

    const busy = Promise.all([calls(), looks()]);
    for (let reload = 1; reload <= RELOADS; reload++) await inForce(bundles[reload % 2] as Bundle);
    reloading = false;
    await busy;

    const codes = new Map<number, number>();
    for (const { final } of await Promise.all(answers)) codes.set(final.code, (codes.get(final.code) ?? 0) + 1);
    expect(Object.fromEntries(codes)).toEqual({ 486: answers.length });
    expect(answers.length).toBeGreaterThan(RELOADS);
    expect(empty).toBe(0);
    await Promise.all([caller.close(), callee.close()]);
  }, 180_000);
});
