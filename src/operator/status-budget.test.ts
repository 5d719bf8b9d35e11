import { expect, it } from 'vitest';
import type { StatusWrite } from '../core/plan.ts';
import { StatusBudget } from './status-budget.ts';

const write = (name: string): StatusWrite => ({
  apiVersion: 'v1',
  kind: 'SipUser',
  namespace: 'acme',
  name,
  status: {},
});
const users = Array.from({ length: 1_000 }, (_, index) => write(`user-${String(index).padStart(4, '0')}`));

function granted(budget: StatusBudget, wanted: readonly StatusWrite[], now: number): StatusWrite[] {
  return [...budget.grant(wanted, now)];
}

it('grants a burst, then some each second, and never more than were wanted', () => {
  const budget = new StatusBudget();

  expect(granted(budget, users, 0)).toHaveLength(200);
  expect(granted(budget, users, 0)).toHaveLength(0);
  expect(granted(budget, users, 2_000)).toHaveLength(100);
  expect(granted(budget, users.slice(0, 5), 1e9)).toHaveLength(5);
});

it('gives everybody a turn', () => {
  const budget = new StatusBudget();
  const seen = new Set<string>();

  for (let second = 0; second < 60; second++)
    for (const { name } of granted(budget, users, second * 1_000)) seen.add(name);

  expect(seen.size).toBe(1_000);
});

it('takes nothing for what was not asked for: the next ones go on from there', () => {
  const budget = new StatusBudget();
  const some = budget.grant(users, 0);
  const first = [some.next().value, some.next().value];
  some.return(undefined);

  const next = granted(budget, users, 0);

  expect(first).toEqual(users.slice(0, 2));
  expect(next).toEqual(users.slice(2, 200));
});
