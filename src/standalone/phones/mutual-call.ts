import type { Phone } from './phone-bank.ts';

/** One phone calls the other, each must hear the other's tone, and the caller hangs up. Throws what did not come about. */
export async function mutualCall(caller: Phone, callee: Phone, say: (line: string) => void): Promise<void> {
  const out = await caller.call(callee.account.name);
  const { call: inbound, from } = await callee.incoming();
  say(`${caller.account.name} calls ${callee.account.name}; its display shows ${from.name} <${from.number}>`);
  await out.answered();
  await out.hears(callee.account.hz);
  say(`${caller.account.name} hears ${callee.account.hz} Hz, the tone of ${callee.account.name}`);
  await inbound.hears(caller.account.hz);
  say(`${callee.account.name} hears ${caller.account.hz} Hz, the tone of ${caller.account.name}`);
  await out.hangUp();
  await inbound.ended();
  say('Both heard each other; the call ended on both sides');
}
