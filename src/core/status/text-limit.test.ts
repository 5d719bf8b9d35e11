import { expect, it } from 'vitest';
import { settle, snapshot, trunk, user } from '../../../test/snapshots.ts';
import { kinds } from '../../api/index.ts';
import type { AgentReport } from '../../api/report.ts';

const LONG = `${'x'.repeat(7)}😀${'y'.repeat(5000)}`;
const contact = { uri: LONG, userAgent: LONG, source: LONG, transport: LONG, since: LONG, state: 'Reachable' as const };

const report: AgentReport = {
  agentVersion: LONG,
  asteriskVersion: LONG,
  ready: true,
  observed: true,
  draining: false,
  bundle: { seen: '0', loaded: '0', restartPending: [], error: LONG },
  restartSafe: { status: 'False', message: LONG },
  quarantined: Array.from({ length: 300 }, (_, at) => ({ object: `SipUser/u${at}`, digest: LONG, reason: LONG })),
  contacts: { acme_1001: Array.from({ length: 30 }, () => contact) },
  trunks: { 'acme_t-tata': { registration: 'Rejected', reachable: 'Unreachable', lastCode: 403, lastText: LONG } },
  calls: 0,
  channels: 0,
  mailboxes: {},
};

it('makes statuses that the schema takes, whatever phones and carriers say', () => {
  const { plan } = settle(snapshot({ report, users: [user('jane', '1001')], trunks: [trunk('tata')] }));

  expect(plan.statuses.map(({ kind }) => kind).sort()).toEqual(['Organization', 'SipUser', 'Trunk']);
  for (const { kind, status } of plan.statuses) {
    const schema = kinds.find(one => one.kind === kind)?.schema as unknown as {
      shape: { status: { parse(value: unknown): void } };
    };
    expect(() => schema.shape.status.parse(status)).not.toThrow();
    expect(JSON.stringify(status).isWellFormed() && !JSON.stringify(status).includes('\\ud83d')).toBe(true);
  }
});
