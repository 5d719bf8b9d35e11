import { renderEngine } from '../../src/core/dialplan/engine.ts';
import { WORDS } from '../../src/core/kinds/index.ts';
import { fileText, location, organization, phoneNumber, settle, snapshot, trunk, user } from '../snapshots.ts';
import { type Dialplan, parse } from './parse.ts';
import type { Terms } from './rules.ts';

/** The engine with the data of a tenant, and what has to be true of it. */

const NEXT = new Map([['to-${CUT(RF_NEXT,:,1)}', WORDS.map(kind => `to-${kind}`)]]);

/** Contexts of the tenant's data: extensions_tenant.conf of somebody who has all of it. */
const TENANT = snapshot({
  organizations: [organization({ location: { country: 'IN' } })],
  locations: [location('lobby', { country: 'IN', emergency: { numbers: ['999'] } })],
  users: [user('jane', '1001', { sip: { address: 'jane' }, location: { name: 'lobby' } })],
  trunks: [trunk('one'), trunk('two', {}, 2)],
  numbers: [phoneNumber('main', '+911234567890', { destination: { user: { name: 'jane' } } })],
});

export interface Whole {
  readonly engine: string;
  readonly dialplan: Dialplan;
  readonly terms: Terms;
  /** All files of the tenant that name contexts for endpoints. */
  readonly endpoints: string;
}

/** `engine`: another text in its place. */
export function wholeDialplan({ engine = renderEngine(), tenant = TENANT } = {}): Whole {
  const { plan } = settle(tenant);
  const data = fileText(plan, 'extensions_tenant.conf');
  return {
    engine,
    dialplan: { ...parse(engine, data), words: NEXT },
    terms: {
      entries: [
        { context: 'from-user', set: [] },
        { context: 'from-trunk', set: [] },
        { context: 'transferred', set: ['BLINDTRANSFER'] },
      ],
      guard: 'GotoIf($["${RF_IN}" != "1"]?refused,s,1)',
      unguarded: ['emergency-next'], // on a channel that this dialplan makes: it asks for what only that has
      admits: 'RF_IN',
      data: [...parse(data).contexts.keys()],
    },
    endpoints: ['pjsip_endpoint.conf', 'pjsip_global.conf', 'pjsip_transport.conf', 'features.conf']
      .map(name => fileText(plan, name))
      .join('\n'),
  };
}
