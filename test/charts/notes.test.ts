import { expect, it } from 'vitest';
import { helm } from '../cluster/helm.ts';
import { OPERATOR_CHART, type Values } from './render.ts';

/** What Helm says at the end of an install: commands with the names that were chosen. */
async function notes(values: Values): Promise<string> {
  const words = ['install', 'blue', OPERATOR_CHART, '--namespace', 'telephony', '--dry-run=client', '--values', '-'];
  const text = await helm(words, { input: JSON.stringify({ image: { registry: 'r.example' }, ...values }) });
  return text.slice(text.indexOf('NOTES:'));
}

it('names what was installed, and the first commands', async () => {
  const text = await notes({});

  expect(text).toContain('is installed as blue-ringfleet-operator in the namespace telephony');
  expect(text).toContain('kubectl -n telephony rollout status deployment/blue-ringfleet-operator');
  expect(text).toContain('kubectl create namespace acme');
  expect(text).not.toMatch(/WARNING|not applied|not part|<no value>/);
});

it.each([
  [{ watchNamespaces: ['zoo', 'acme'] }, 'metadata: {name: zoo, namespace: zoo}'],
  [{ classes: { enabled: false } }, 'The built-in classes were not applied'],
  [{ crds: { enabled: false } }, 'The CRDs are not part of this release'],
  [{ crds: { keep: false } }, 'WARNING: crds.keep is false. `helm uninstall blue` deletes all Organizations'],
])('says with %j what follows from it', async (values, words) => {
  expect(await notes(values)).toContain(words);
});
