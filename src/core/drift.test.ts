import { expect, it } from 'vitest';
import { carryOut, NOW, settle, snapshot, user } from '../../test/snapshots.ts';
import { compile } from './compile.ts';
import { foreignFields } from './drift.ts';
import type { Manifest } from './snapshot.ts';

const { snapshot: before, plan } = settle(snapshot({ users: [user('jane', '1001')] }));
const settled = carryOut(before, plan);

// biome-ignore lint/suspicious/noExplicitAny: any member of any kind
type Loose = Record<string, any>;

it.each<[string, string, (spec: Loose) => void, unknown]>([
  [
    'a label in a Service’s selector',
    'Service/acme-sip',
    spec => (spec['selector']['a.b/c'] = 'x'),
    { selector: { 'a.b/c': null } },
  ],
  [
    'a label in a policy’s selector',
    'NetworkPolicy/acme-pbx',
    spec => (spec['podSelector'].matchLabels['x'] = 'y'),
    { podSelector: { matchLabels: { x: null } } },
  ],
  [
    'an expression in it',
    'NetworkPolicy/acme-pbx',
    spec => (spec['podSelector'].matchExpressions = []),
    { podSelector: { matchExpressions: null } },
  ],
  ['a count in a quota', 'ResourceQuota/acme-limits', spec => (spec['hard']['pods'] = '0'), { hard: { pods: null } }],
  [
    'an expression in a budget',
    'PodDisruptionBudget/acme-pbx',
    spec => (spec['selector'].matchExpressions = []),
    { selector: { matchExpressions: null } },
  ],
])('finds %s', (_what, key, change, patch) => {
  const children = structuredClone(settled.children) as Manifest[];
  const child = children.find(({ kind, metadata }) => `${kind}/${metadata.name}` === key);
  if (!child) throw new Error(key);
  change(child['spec'] as Loose);
  const [wanted, ...others] = compile({ ...settled, children }, NOW).apply;

  expect(others).toEqual([]);
  expect(wanted && foreignFields(wanted, child)).toEqual({ spec: patch });
});

it('finds a source more in a rule of a policy, and gives the rules as they should be', () => {
  const children = structuredClone(settled.children) as Manifest[];
  const policy = children.find(({ kind }) => kind === 'NetworkPolicy');
  const rules = (policy?.['spec'] as Loose)['ingress'];
  const right = structuredClone(rules);
  rules[0].from = [{ ipBlock: { cidr: '192.0.2.0/24' } }];
  const [wanted] = compile({ ...settled, children }, NOW).apply;

  expect(wanted && policy && foreignFields(wanted, policy)).toEqual({ spec: { ingress: right } });
});

it('takes strange ports out of a Service and leaves what the server gave ours', () => {
  const children = structuredClone(settled.children) as Manifest[];
  const service = children.find(({ kind, metadata }) => kind === 'Service' && metadata.name === 'acme-sip');
  const ports = (service?.['spec'] as Loose)['ports'];
  for (const port of ports) port.nodePort = 30000;
  const own = structuredClone(ports);
  ports.push({ name: 'x', port: 22, protocol: 'TCP' });
  const [wanted] = compile({ ...settled, children }, NOW).apply;

  expect(wanted && service && foreignFields(wanted, service)).toEqual({ spec: { ports: own } });
});
