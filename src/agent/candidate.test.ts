import { describe, expect, it } from 'vitest';
import { blameWords } from './blame.ts';
import { brokenPromise, Candidate } from './candidate.ts';
import { assembledFile, definitions, partsOfFragment } from './sections.ts';

const GENERATION = '0123456789abcdef';

function parts(texts: Record<string, string>) {
  return Object.entries(texts).flatMap(([key, text]) => partsOfFragment(key, text));
}

const two = parts({
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

describe('Candidate', () => {
  it('leaves out what is blamed and keeps the rest', () => {
    const candidate = new Candidate(GENERATION, two, []);

    candidate.blame('SipUser/john', 'Could not find option');

    expect(candidate.definitions().map(({ id }) => id)).toEqual(['acme_1']);
    expect(candidate.quarantined()).toMatchObject([{ object: 'SipUser/john', reason: 'Could not find option' }]);
  });

  it('falls back to an object’s last good text, and leaves it out when that is refused too', () => {
    const bad = parts({ 'pjsip_endpoint.conf.001': ';@ SipUser/john u2\n[acme_2]\nbogus=1\n' });
    const candidate = new Candidate(GENERATION, bad, two);

    candidate.blame('SipUser/john', 'bogus');
    const first = candidate
      .parts()
      .map(({ text }) => text)
      .join('');
    candidate.blame('SipUser/john', 'still');

    expect(first).toContain('[acme_2](user)');
    expect(candidate.definitions()).toEqual([]);
  });

  it('keeps the first of two that define the same, since Asterisk would refuse the whole type', () => {
    const twice = parts({ 'pjsip_aor.conf.001': ';@ SipUser/jane u\n[acme_1]\n;@ SipUser/john u\n[acme_1]\n' });

    const candidate = new Candidate(GENERATION, twice, []);

    expect(candidate.definitions()).toEqual([{ type: 'aor', id: 'acme_1', owner: 'SipUser/jane' }]);
    expect(candidate.quarantined()[0]?.reason).toContain('defined twice');
  });

  it('cannot blame text of nobody', () => {
    expect(new Candidate(GENERATION, two, []).blame('-', 'x')).toBe(false);
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

  expect(brokenPromise(manifest, two)).toContain('promises 3 of type endpoint and defines 2');
  expect(brokenPromise({ ...manifest, expects: { endpoint: 2 } }, two)).toBeUndefined();
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

describe('blameWords', () => {
  const files = new Candidate(GENERATION, two, []).files();
  const endpoints = files.get('pjsip_endpoint.conf')!;
  const line = endpoints.text.split('\n').indexOf('[acme_2](user)') + 1;

  it.each([
    [
      'an id in quotes',
      `[x] ERROR[1] res_sorcery_config.c: Could not create an object of type 'endpoint' with id 'acme_2' from configuration file 'pjsip_endpoint.conf'`,
    ],
    [
      'a line number',
      `[x] WARNING[1] config.c: parse error: no closing ']', line ${line} of /any/where/pjsip_endpoint.conf`,
    ],
    [
      'a duplicate',
      `[x] ERROR[1] res_sorcery_config.c: Config file 'pjsip_endpoint.conf' could not be loaded; configuration contains a duplicate object: 'acme_2' of type 'endpoint'`,
    ],
  ])('finds the object by %s', (_how, log) => {
    expect([...blameWords(log, files, definitions(two)).owners.keys()]).toEqual(['SipUser/john']);
  });

  it('does not listen to what is said about calls', () => {
    const log = `[x] WARNING[1][C-00000001] chan_pjsip.c: Something about 'acme_2'`;

    expect(blameWords(log, files, definitions(two))).toEqual({ owners: new Map(), unattributed: [] });
  });
});
