import { describe, expect, it } from 'vitest';
import {
  conditionOf,
  fileText,
  IDLE_REPORT,
  NOW,
  phoneNumber,
  settle,
  snapshot,
  trunk,
  user,
} from '../../../test/snapshots.ts';
import type { AgentReport } from '../../api/report.ts';
import { compile } from '../compile.ts';
import { renderEngine } from '../dialplan/engine.ts';
import { WORDS } from '../kinds/index.ts';
import type { PodView, TenantSnapshot } from '../snapshot.ts';
import { ENGINE, ENGINE_NEEDS, lackingIn, recordedEngine, runningEngine } from './engine-version.ts';

const POD: PodView = {
  name: 'acme-pbx-0',
  uid: 'p',
  ready: true,
  terminating: false,
  cordoned: false,
  annotations: {},
};
const says = (more: Partial<AgentReport>): Pick<TenantSnapshot, 'report'> => ({ report: { ...IDLE_REPORT, ...more } });

describe('the table of what needs which engine', () => {
  it('has each kind of destination that the engine leads to, and no engine that there is not', () => {
    const kinds = [...renderEngine().matchAll(/^\[to-([a-z]+)\]/gm)].map(([, kind]) => kind);

    expect(WORDS.toSorted()).toEqual(Object.keys(ENGINE_NEEDS).toSorted()); // without a line, an older engine gets a word that it lacks
    for (const kind of Object.keys(ENGINE_NEEDS)) expect(kinds).toContain(kind);
    for (const needed of Object.values(ENGINE_NEEDS)) expect(needed).toBeLessThanOrEqual(ENGINE);
    expect(renderEngine()).toContain(`RF_ENGINE=${ENGINE}\n`);
  });

  it.each([
    [0, [1, 3, ENGINE]],
    [1, [undefined, 3, ENGINE]],
    [2, [undefined, 3, undefined]],
    [3, [undefined, undefined, undefined]],
    [4, [undefined, undefined, undefined]],
  ])('says what engine %i lacks', (engine, lacks) => {
    const lacking = lackingIn(engine, { user: 1, queue: 3 });

    expect(['user', 'queue', 'of no line'].map(feature => lacking.get(feature))).toEqual(lacks);
  });
});

describe('the engine to write for', () => {
  const remembered = (engine?: number) => ({ inForce: { domain: '', limits: {}, ...(engine && { engine }) } });

  it.each<[string, Partial<TenantSnapshot>, number, number | undefined]>([
    ['is the one that is told', { pod: POD, ...says({ version: 1, engine: { version: 7 } }) }, 7, 7],
    ['is the first where an agent of the first release tells', { pod: POD, ...says({}) }, 1, 1],
    [
      'is the one of before while Asterisk was not asked',
      { pod: POD, ...says({ version: 1, engine: { version: 7 }, observed: false }), ...remembered(4) },
      4,
      4,
    ],
    ['is the one of before while no Asterisk runs', { pod: POD, ...says({ version: 1 }), ...remembered(4) }, 4, 4],
    [
      'is the one of before while another pod’s report is the last',
      {
        pod: POD,
        ...says({ version: 1, engine: { version: 7 } }),
        agent: { current: false, silentSeconds: 1 },
        ...remembered(4),
      },
      4,
      4,
    ],
    ['is the first, and nothing to remember, where nobody ever told', { pod: POD, ...remembered() }, 1, undefined],
    ['is ours where there is no pod', remembered(1), ENGINE, ENGINE],
  ])('%s', (_what, known, running, kept) => {
    expect([runningEngine(snapshot(known)), recordedEngine(snapshot(known))]).toEqual([running, kept]);
  });
});

describe('a PBX with an engine of before all that there is', () => {
  const tenant = {
    users: [user('jane', '1001'), user('john', '1002', { ring: { onNoAnswer: { user: { name: 'jane' } } } })],
    numbers: [phoneNumber('front-desk', '+911140000001', { destination: { user: { name: 'jane' } } })],
    trunks: [trunk('carrier', { inbound: { unknownNumber: { user: { name: 'jane' } } } })],
  };
  const old = { pod: POD, ...says({ version: 1, engine: { version: 0 } }) };
  const objects = [
    ['PhoneNumber', 'front-desk'],
    ['SipUser', 'john'],
    ['Trunk', 'carrier'],
  ] as const;

  it('has a fallback for what it does not know, which is said of the objects and remembered', () => {
    const { plan } = settle(snapshot({ ...tenant, ...old }));

    for (const [kind, name] of objects) {
      expect(conditionOf(plan, kind, name, 'Ready')).toMatchObject({ status: 'False', reason: 'EngineOutdated' });
      expect(conditionOf(plan, kind, name, 'Reconciling')).toMatchObject({ status: 'True', reason: 'EngineOutdated' });
      expect(conditionOf(plan, kind, name, 'Stalled')).toBeUndefined();
    }
    expect(fileText(plan, 'extensions_tenant.conf')).not.toContain('user:1001');
    expect(plan.inForce).toMatchObject({ engine: 0 });
  });

  it('is written for in the same way by who has not heard it yet', () => {
    const before = settle(snapshot({ ...tenant, ...old })).plan;
    const { inForce } = before;
    const unheard = { current: false, silentSeconds: 0, pending: true };
    const { plan } = settle(snapshot({ ...tenant, pod: POD, agent: unheard, ...(inForce && { inForce }) }));

    expect(plan.bundle?.manifest).toEqual(before.bundle?.manifest);
    expect(plan.inForce).toEqual(inForce);
  });

  it('gets what was meant once it runs ours', () => {
    const { snapshot: before } = settle(snapshot({ ...tenant, ...old }));
    const plan = compile({ ...before, ...says({ version: 1, engine: { version: ENGINE } }) }, NOW);

    for (const [kind, name] of objects)
      expect(conditionOf(plan, kind, name, 'Ready')?.reason).not.toBe('EngineOutdated');
    expect(fileText(plan, 'extensions_tenant.conf').match(/user:1001/g)).toHaveLength(4); // no answer, and so busy
  });
});
