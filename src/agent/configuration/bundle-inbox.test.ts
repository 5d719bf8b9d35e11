import { createHash } from 'node:crypto';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../../../test/fake-clock.ts';
import { BundleInbox } from './bundle-inbox.ts';
import { type CompleteBundle, fragmentOf, IncompleteBundleError } from './bundle-reader.ts';

const JANE = ';@ SipUser/jane u1\n[acme_1]\n';
const JOHN = ';@ SipUser/john u2\n[acme_2]\n';
const KEYS = ['pjsip_aor.conf.001', 'pjsip_aor.conf.002'] as const;

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What the operator has: a manifest, and files. */
function bundle(sequence: number | undefined, texts: readonly string[], settings?: string) {
  const fragments = texts.map((text, at) => ({ key: KEYS[at] ?? '', digest: digestOf(text), secret: false }));
  const secret = settings === undefined ? {} : { settings: [{ key: 'agent-secret.json', digest: digestOf(settings) }] };
  const generation = digestOf(JSON.stringify([texts, settings])).slice(0, 16);
  const manifest = {
    version: 1 as const,
    organization: 'acme',
    generation,
    ...(sequence === undefined ? {} : { sequence }),
    fragments,
    expects: {},
    restartFiles: [],
    sipPort: 5060,
    rtp: { start: 10_000, end: 10_100 },
    kept: [],
    ...secret,
  };
  const files = Object.fromEntries(texts.map((text, at) => [KEYS[at] ?? '', text]));
  return { generation, manifest, files: settings === undefined ? files : { ...files, 'agent-secret.json': settings } };
}
type Made = ReturnType<typeof bundle>;

/** The pod: what its volume has, and what was noted in it. */
let volume: Made | undefined;
let note: string;
/** What the next write of a note waits for. */
let slow: Promise<void> | undefined;
let arrivals: number;

beforeEach(() => {
  volume = undefined;
  note = '';
  slow = undefined;
  arrivals = 0;
});

function inVolume(): CompleteBundle {
  if (!volume) throw new IncompleteBundleError('There is no manifest yet');
  const { manifest, files } = volume;
  const sections = manifest.fragments.flatMap(({ key, digest }) => fragmentOf(key, files[key] ?? '', digest).sections);
  return { manifest, sections, settings: { open: {}, secret: {} } };
}

/** An agent that starts in the pod. */
function agent(): BundleInbox {
  return new BundleInbox({
    volume: {
      read: async () => inVolume(),
      known: (key, digest) => {
        const text = volume?.files[key];
        return text !== undefined && digestOf(text) === digest ? fragmentOf(key, text, digest) : undefined;
      },
    },
    note: {
      read: async () => note,
      write: async text => {
        const wait = slow;
        slow = undefined;
        await wait;
        note = text;
      },
    },
    onArrival: () => {
      arrivals++;
    },
    log: pino({ level: 'silent' }),
  });
}

async function bring(inbox: BundleInbox, { manifest, generation, files }: Made): Promise<unknown> {
  const offered = await inbox.offer(manifest);
  if ('refused' in offered) return offered;
  const lacked = offered.missing.map(key => [key, files[key] ?? ''] as const);
  return lacked.length === 0 ? offered : inbox.supply(generation, Object.fromEntries(lacked));
}

const ownersIn = async (inbox: BundleInbox): Promise<string[]> =>
  (await inbox.read()).sections.map(({ owner }) => owner.split('/')[1] ?? '');
const both = (sequence?: number): Made => bundle(sequence, [JANE, JOHN]);
const one = (sequence?: number): Made => bundle(sequence, [JANE]);

describe('a bundle from the operator', () => {
  it('is asked for what the pod does not have, taken when nothing is missing, and is then what is read', async () => {
    const inbox = agent();
    volume = one(1);
    await inbox.read();
    const { manifest, generation, files } = both(2);

    expect(await inbox.offer(manifest)).toEqual({ missing: [KEYS[1]] });
    expect(arrivals).toBe(0);
    expect(await ownersIn(inbox)).toEqual(['jane']);
    expect(await inbox.supply(generation, { [KEYS[1]]: files[KEYS[1]] ?? '' })).toEqual({ missing: [] });

    expect(arrivals).toBe(1);
    expect(await ownersIn(inbox)).toEqual(['jane', 'john']);
    expect([inbox.highest, note]).toEqual([2, '2']);
  });

  it('comes before there is anything in the volume', async () => {
    const inbox = agent();
    await expect(inbox.read()).rejects.toThrow(IncompleteBundleError);
    await bring(inbox, one(1));

    expect(await ownersIn(inbox)).toEqual(['jane']);
  });

  it('does nothing when it comes twice', async () => {
    const inbox = agent();
    await bring(inbox, both(2));
    await bring(inbox, both(2));
    volume = both(2);
    await inbox.read();
    await bring(inbox, both(2));

    expect(arrivals).toBe(1);
  });

  it('is followed by what the volume has later, whether the operator brought that or not', async () => {
    const inbox = agent();
    await bring(inbox, one(1));
    volume = both(2);
    expect(await ownersIn(inbox)).toEqual(['jane', 'john']);
    volume = one(3);
    expect(await ownersIn(inbox)).toEqual(['jane']);
  });

  it('is not undone by an older one, from either side', async () => {
    const inbox = agent();
    volume = one(1);
    await bring(inbox, both(2));

    expect(await ownersIn(inbox)).toEqual(['jane', 'john']);
    expect(await inbox.offer(one(1).manifest)).toEqual({ refused: '2 was taken already' });
    volume = both(2);
    await inbox.read();
    volume = one(1);
    await expect(inbox.read()).rejects.toThrow('older than 2');
  });

  it('is not taken when the volume brought a later one before its last file came', async () => {
    const inbox = agent();
    const { manifest, generation, files } = both(2);
    await inbox.offer(manifest);
    volume = one(3);
    await inbox.read();

    expect(await inbox.supply(generation, files)).toEqual({ refused: 'A later one was taken meanwhile' });
    volume = undefined; // the kubelet is at it
    expect(arrivals).toBe(0);
    await expect(inbox.read()).rejects.toThrow('no manifest');
  });

  it('is not undone by an older one that takes longer to be noted', async () => {
    const inbox = agent();
    const { promise, resolve } = Promise.withResolvers<void>();
    slow = promise;
    const first = bring(inbox, one(1));
    await settle();
    const second = bring(inbox, both(2));
    await settle();
    resolve();

    expect(await Promise.all([first, second])).toEqual([
      { refused: 'A later one was taken meanwhile' },
      { missing: [] },
    ]);
    expect([await ownersIn(inbox), note]).toEqual([['jane', 'john'], '2']);
  });

  it('stays the highest for an agent that starts anew, and not for one in another pod', async () => {
    volume = one(1);
    await bring(agent(), both(2));

    const anew = agent();
    await expect(anew.read()).rejects.toThrow('older than 2');
    expect(await bring(anew, both(2))).toEqual({ missing: [] });
    expect(await ownersIn(anew)).toEqual(['jane', 'john']);

    note = '';
    expect(await ownersIn(agent())).toEqual(['jane']);
  });

  it('makes way for an operator of before, who writes no sequence', async () => {
    const inbox = agent();
    volume = one(1);
    await inbox.read();
    await bring(inbox, both(2));
    volume = bundle(undefined, [JOHN]);

    expect(await ownersIn(inbox)).toEqual(['john']);
  });

  it('makes way for an operator of before, who writes what there was in the volume once', async () => {
    const inbox = agent();
    volume = one(1);
    await inbox.read();
    await bring(inbox, both(2));
    volume = one();

    expect(await ownersIn(inbox)).toEqual(['jane']);
  });

  it('stays when the volume brings another one of the same number late, and makes way for the operator again', async () => {
    const inbox = agent();
    volume = one(1);
    await inbox.read();
    await bring(inbox, both(2));
    volume = bundle(2, [JOHN]);
    expect(await ownersIn(inbox)).toEqual(['jane', 'john']);

    await bring(inbox, bundle(2, [JOHN]));
    expect(await ownersIn(inbox)).toEqual(['john']);
    volume = one(3);
    expect(await ownersIn(inbox)).toEqual(['jane']);
  });

  it('does not end at a volume without a sequence that was there before', async () => {
    const inbox = agent();
    volume = one();
    await inbox.read();
    await bring(inbox, both(1));

    expect(await ownersIn(inbox)).toEqual(['jane', 'john']);
  });

  it('has secret settings that are taken with it', async () => {
    const inbox = agent();
    const made = bundle(1, [JANE], '{"mail":{"password":"x"}}');
    await bring(inbox, made);

    expect((await inbox.read()).settings).toEqual({ open: {}, secret: { mail: { password: 'x' } } });
    expect(await ownersIn(inbox)).toEqual(['jane']);
  });

  it.each<[string, object, string]>([
    ['another text', { [KEYS[1]]: JANE }, 'not the one that the manifest names'],
    ['a file that is not named', { 'pjsip_aor.conf.003': JANE }, 'does not name'],
    ['settings that are not named', { 'agent.json': '{}' }, 'does not name'],
  ])('ends with %s', async (_what, files, why) => {
    const inbox = agent();
    volume = one(1);
    const { manifest, generation } = both(2);
    await inbox.offer(manifest);

    expect(await inbox.supply(generation, files as Record<string, string>)).toEqual({
      refused: expect.stringContaining(why),
    });
    expect(await inbox.supply(generation, { [KEYS[1]]: JOHN })).toEqual({ refused: 'Another one was offered' });
    expect([arrivals, await ownersIn(inbox)]).toEqual([0, ['jane']]);
  });

  it.each([
    ['no manifest', { generation: 'x' }],
    ['one without a sequence', both().manifest],
    ['one of a later version', { ...both(2).manifest, version: 2 }],
  ])('is refused with %s', async (_what, manifest) => {
    expect(await agent().offer(manifest)).toEqual({ refused: 'It is no manifest with a sequence' });
  });

  it('takes the place of one that was not ended', async () => {
    const inbox = agent();
    const [first, second] = [both(1), bundle(2, [JOHN])];
    await inbox.offer(first.manifest);
    await inbox.offer(second.manifest);

    expect(await inbox.supply(first.generation, first.files)).toEqual({ refused: 'Another one was offered' });
    await inbox.supply(second.generation, second.files);
    expect(await ownersIn(inbox)).toEqual(['john']);
  });
});
