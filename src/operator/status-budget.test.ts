import { expect, it } from 'vitest';
import type { StatusWrite } from '../core/plan.ts';
import { StatusBudget } from './status-budget.ts';

const write = (kind: string, name: string): StatusWrite => ({
  apiVersion: 'v1',
  kind,
  namespace: 'acme',
  name,
  status: {},
});
const users = Array.from({ length: 1_000 }, (_, index) => write('SipUser', `user-${String(index).padStart(4, '0')}`));

it('grants a burst, then some each second, and never more than were wanted', () => {
  const budget = new StatusBudget();

  expect(budget.grant('acme', users, 0)).toHaveLength(200);
  expect(budget.grant('acme', users, 0)).toHaveLength(0);
  expect(budget.grant('acme', users, 2_000)).toHaveLength(100);
  expect(budget.grant('acme', users.slice(0, 5), 1e9)).toHaveLength(5);
});

it('gives everybody a turn, and the few before the many', () => {
  const budget = new StatusBudget();
  const seen = new Set<string>();
  const trunk = write('Trunk', 'zz');

  for (let second = 0; second < 60; second++)
    for (const { name } of budget.grant('acme', [...users, trunk], second * 1_000)) seen.add(name);

  expect(budget.grant('acme', [...users, trunk], 60_000)[0]).toBe(trunk);
  expect(seen.size).toBe(1_001);
});
