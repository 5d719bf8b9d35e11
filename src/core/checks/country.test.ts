import { describe, expect, it } from 'vitest';
import { location, organization, settle, snapshot, user } from '../../../test/snapshots.ts';
import { unknownCountry } from './country.ts';

function warningOf(kind: string, country: string): string | undefined {
  const spec = { location: { country: kind === 'Organization' ? country : 'IN' } };
  const office = location('office', { country: kind === 'Location' ? country : 'IN' });
  const { plan } = settle(snapshot({ organizations: [organization(spec)], locations: [office] }));
  const status = plan.statuses.find(one => one.kind === kind)?.status as {
    conditions: { type: string; message: string }[];
  };
  return status.conditions.find(({ type }) => type === 'Warning')?.message;
}

describe('a country that does not exist', () => {
  it.each([
    ['Organization', 'spec.location.country'],
    ['Location', 'spec.country'],
  ])('is said of the %s', (kind, field) => {
    expect(warningOf(kind, 'UK')).toContain(`${field}: UK is not the code of a country`);
    expect(warningOf(kind, 'UK')).toContain('use GB');
    expect(warningOf(kind, 'XX')).toContain('ISO 3166-1');
    expect(warningOf(kind, 'GB')).toBeUndefined();
  });

  it('is not said of who has none', () => {
    expect(unknownCountry(undefined, 'spec.country')).toEqual([]);
  });
});

describe('who has an emergency number as extension', () => {
  const atOffice = { location: { name: 'office' } };
  const told = (extension: string): string => {
    const before = settle(
      snapshot({
        organizations: [organization({ location: { country: 'GB' } })],
        users: [user('room', extension, atOffice)],
        locations: [location('office', { country: 'GB' })],
      }),
    );
    const { plan } = settle({
      ...before.snapshot,
      objects: { ...before.snapshot.objects, Location: [location('office', { country: 'IN' })] },
    });
    const status = plan.statuses.find(({ kind }) => kind === 'Location')?.status;
    const conditions = status?.['conditions'] as { type: string; message: string }[];
    return conditions.find(({ type }) => type === 'Ready')?.message ?? '';
  };

  it('is offered the numbers of the Location only where those decide', () => {
    expect(told('100')).toContain('or set spec.emergency.numbers');
    expect(told('112')).toMatch(/112 \(SipUser room\).*other extensions$/);
  });
});
