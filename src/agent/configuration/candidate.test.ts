import { describe, expect, it } from 'vitest';
import { problem } from '../../../test/problem.ts';
import { attributeLog, explanation } from './attribution.ts';
import { Candidate, missingDefinitions } from './candidate.ts';
import { assembledFile, definitions, sectionsOfFragment } from './sections.ts';

const GENERATION = '0123456789abcdef';

function sections(texts: Record<string, string>) {
  return Object.entries(texts).flatMap(([key, text]) => sectionsOfFragment(key, text));
}

const two = sections({
  'pjsip_endpoint.conf.000': ';@ -\n[user](!)\ntype=endpoint\n',
  'pjsip_endpoint.conf.001': ';@ SipUser/jane u1\n[acme_1](user)\n;@ SipUser/john u2\n[acme_2](user)\n',
});

describe('sections', () => {
  it('knows what an object defines, without templates', () => {
    expect(definitions(two)).toEqual([
      { type: 'endpoint', id: 'acme_1', owner: 'SipUser/jane' },
      { type: 'endpoint', id: 'acme_2', owner: 'SipUser/john' },
    ]);
  });
});

it('knows which extensions an object defines, in the contexts that have one of each', () => {
  const texts = sections({
    'extensions_tenant.conf.001':
      ';@ SipUser/jane u1\n[users](+)\nexten => 1001,1,Set(X=1)\n same => n,Return()\n[names](+)\nexten => jane,1,Set(X=1)\n same => n,Return()\n[emergency]\nexten => 112,1,Return()\n',
  });

  expect(definitions(texts)).toEqual([
    { type: 'users', id: '1001', owner: 'SipUser/jane' },
    { type: 'names', id: 'jane', owner: 'SipUser/jane' },
  ]);
});

describe('Candidate', () => {
  it('leaves out what is blamed and keeps the rest', () => {
    const candidate = new Candidate(GENERATION, two, []);

    candidate.exclude('SipUser/john', 'Could not find option');

    expect(candidate.definitions().map(({ id }) => id)).toEqual(['acme_1']);
    expect(candidate.quarantined()).toMatchObject([{ object: 'SipUser/john', reason: 'Could not find option' }]);
  });

  it('falls back to an object’s last good text, and leaves it out when that is refused too', () => {
    const bad = sections({ 'pjsip_endpoint.conf.001': ';@ SipUser/john u2\n[acme_2]\nbogus=1\n' });
    const candidate = new Candidate(GENERATION, bad, two);

    candidate.exclude('SipUser/john', 'bogus');
    const first = candidate
      .sections()
      .map(({ text }) => text)
      .join('');
    candidate.exclude('SipUser/john', 'still');

    expect(first).toContain('[acme_2](user)');
    expect(candidate.definitions()).toEqual([]);
  });

  it('keeps the first of two that define the same, since Asterisk would refuse the whole type', () => {
    const twice = sections({ 'pjsip_aor.conf.001': ';@ SipUser/jane u\n[acme_1]\n;@ SipUser/john u\n[acme_1]\n' });

    const candidate = new Candidate(GENERATION, twice, []);

    expect(candidate.definitions()).toEqual([{ type: 'aor', id: 'acme_1', owner: 'SipUser/jane' }]);
    expect(candidate.quarantined()[0]?.reason).toContain('defined twice');
  });

  it('cannot blame text of nobody', () => {
    expect(new Candidate(GENERATION, two, []).exclude('-', 'x')).toBe(false);
  });
});

it('notices a bundle that defines less than it promises', () => {
  const manifest = {
    version: 1 as const,
    organization: 'acme',
    generation: GENERATION,
    restartFiles: [],
    fragments: [],
    expects: { endpoint: 3 },
    sipPort: 5060,
    rtp: { start: 1, end: 2 },
    kept: [],
  };

  expect(missingDefinitions(manifest, two)).toContain('promises 3 of type endpoint and defines 2');
  expect(missingDefinitions({ ...manifest, expects: { endpoint: 2 } }, two)).toBeUndefined();
});

it('knows whose each line of a file is', () => {
  const file = assembledFile([
    { owner: '-', text: '; a comment\n' },
    { owner: 'SipUser/jane', text: '[acme_1]\ntype=endpoint\n\n' },
    { owner: 'SipUser/john', text: '[acme_2]\n' },
  ]);

  expect(file.text).toBe('; a comment\n[acme_1]\ntype=endpoint\n\n[acme_2]\n');
  expect([0, 1, 2, 3, 4, 5, 6].map(line => file.ownerOf(line))).toEqual([
    undefined,
    '-',
    'SipUser/jane',
    'SipUser/jane',
    'SipUser/jane',
    'SipUser/john',
    undefined,
  ]);
});

describe('attributeLog', () => {
  const files = new Candidate(GENERATION, two, []).files();
  const endpoints = files.get('pjsip_endpoint.conf')!;
  const line = endpoints.text.split('\n').indexOf('[acme_2](user)') + 1;

  it.each([
    [
      'an id in quotes',
      problem(
        'res_sorcery_config.c',
        "Could not create an object of type 'endpoint' with id 'acme_2' from configuration file 'pjsip_endpoint.conf'",
      ),
    ],
    [
      'a line number',
      problem('config.c', `parse error: no closing ']', line ${line} of /any/where/pjsip_endpoint.conf`),
    ],
    [
      'a duplicate',
      problem(
        'res_sorcery_config.c',
        "Config file 'pjsip_endpoint.conf' could not be loaded; configuration contains a duplicate object: 'acme_2' of type 'endpoint'",
      ),
    ],
  ])('finds the object by %s', (_how, log) => {
    expect([...attributeLog(log, files, definitions(two)).owners.keys()]).toEqual(['SipUser/john']);
  });

  const words = "'acme_2' is bad";
  it.each([
    ['about calls', problem('chan_pjsip.c', words)],
    ['in a call', problem('pbx.c', words, { callid: '[C-00000001]' })],
    ['in the name of another file', problem('xpbx.c', words)],
    ['by a stranger’s name', problem('res_pjsip_session.c', `Request from '"] ERROR[1] pbx.c: ${words}'`)],
    ['by a stranger’s line', problem('res_pjsip_session.c', `Call to '1\n${problem('pbx.c', words)}' rejected`)],
    ['in plain text', `[2026-11-24 13:45:46.357] ERROR[1] pbx.c: ${words}\n`],
    ['in a line that was cut', problem('pbx.c', words).slice(10)],
    ['in a line of other things', '{"identifiers":1,"logmsg":{}}\n{}\nnull\n{"logmsg":null}\n'],
  ])('does not listen to what is said %s', (_where, log) => {
    expect(attributeLog(log, files, definitions(two))).toEqual({ owners: new Map(), unattributed: [] });
  });

  it('takes 300 characters, and none that a terminal would obey', () => {
    const said = problem('pbx.c', `'acme_2' \u001b[2J\u202e${'x'.repeat(400)}`);
    const reason = attributeLog(said, files, definitions(two)).owners.get('SipUser/john') ?? '';

    expect(reason).toMatch(/^'acme_2' \ufffd\[2J\ufffdx+$/);
    expect(reason).toHaveLength(300);
  });
});

describe('explanation', () => {
  const john = { type: 'endpoint', id: 'acme_2', owner: 'SipUser/john' };
  const said = "Could not create an object of type 'endpoint' with id 'acme_2'";

  it('is what Asterisk says of the very object, or only that it is not there', () => {
    const other = problem('res_sorcery_config.c', said.replace('acme_2', 'acme_22'));

    expect(explanation(other + problem('res_sorcery_config.c', said), john)).toBe(said);
    expect(explanation(other + problem('chan_pjsip.c', said), john)).toBe('The endpoint acme_2 was not loaded');
  });
});
