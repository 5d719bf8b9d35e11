import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../test/fake-clock.ts';
import { settle as compiled, snapshot, user } from '../../test/snapshots.ts';
import type { Bundle } from '../core/plan.ts';
import { type AgentChannel, Deliveries } from './deliveries.ts';

function bundleOf(...names: string[]): Bundle {
  const { bundle } = compiled(snapshot({ users: names.map((name, at) => user(name, `100${at}`)) })).plan;
  if (!bundle) throw new Error('No bundle');
  return bundle;
}

const [ONE, TWO, THREE] = [bundleOf('jane'), bundleOf('jane', 'john'), bundleOf('jane', 'john', 'zoe')];

interface Body {
  readonly generation: string;
  readonly files?: Record<string, string>;
}

/** An agent that lacks these keys, and answers when a test says so. */
function setUp({ lacks = [] as readonly string[], waits = false } = {}) {
  const said: [path: string, body: Body][] = [];
  const failures: string[] = [];
  const open: (() => void)[] = [];
  let broken = false;
  const clock = new FakeClock();
  const way: AgentChannel = {
    post: async (path, body) => {
      said.push([path, JSON.parse(body) as Body]);
      if (waits) await new Promise<void>(resolve => open.push(resolve));
      if (broken) throw new Error('The agent answered 409');
      return JSON.stringify({ missing: path.endsWith('files') ? [] : lacks, more: 'later' });
    },
    now: () => clock.monotonic(),
    failed: (error, generation) => failures.push(`${generation} ${error}`),
  };
  const deliveries = new Deliveries();
  const send = async (bundle: Bundle): Promise<void> => {
    deliveries.send(bundle, way);
    await settle();
  };
  const answer = async (): Promise<void> => {
    open.shift()?.();
    await settle();
  };
  const fail = (): void => {
    broken = true;
  };
  return { said, failures, clock, send, answer, fail };
}

const generations = (said: readonly [string, Body][]): string[] => said.map(([, { generation }]) => generation);

describe('a delivery', () => {
  it('offers the manifest and brings what is missing, and nothing else', async () => {
    const [key = ''] = TWO.texts.keys();
    const { said, send } = setUp({ lacks: [key] });
    await send(TWO);

    expect(said).toEqual([
      ['/v1/bundle', JSON.parse(JSON.stringify(TWO.manifest))],
      ['/v1/bundle/files', { generation: TWO.manifest.generation, files: { [key]: TWO.texts.get(key) } }],
    ]);
  });

  it('brings much in several requests', async () => {
    const texts = new Map(['a', 'b', 'c', 'd'].map(key => [key, 'x'.repeat(400_000)]));
    const { said, send } = setUp({ lacks: [...texts.keys()] });
    await send({ ...TWO, texts });

    expect(said.slice(1).map(([, { files }]) => Object.keys(files ?? {}))).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('is one at a time, and of what comes meanwhile the last', async () => {
    const { said, send, answer } = setUp({ waits: true });
    for (const bundle of [ONE, TWO, THREE]) await send(bundle);
    expect(generations(said)).toEqual([ONE.manifest.generation]);
    await answer();
    await answer();
    await answer();

    expect(generations(said)).toEqual([ONE, THREE].map(({ manifest }) => manifest.generation));
  });

  it('is not repeated at once, and after a while for an agent that has lost it', async () => {
    const { said, send, clock } = setUp();
    await send(ONE);
    await send(ONE);
    expect(said).toHaveLength(1);
    await clock.advance(5_000);
    await send(ONE);

    expect(said).toHaveLength(2);
  });

  it('that fails is left to the kubelet until the next pass, and nothing of it is said', async () => {
    const [key = ''] = [...TWO.texts.keys()].filter(name => name.startsWith('pjsip_auth'));
    const { said, failures, send, fail } = setUp({ lacks: [key] });
    fail();
    await send(TWO);
    expect(said).toHaveLength(1);
    await send(TWO);

    expect(said).toHaveLength(2);
    expect(failures[0]).toBe(`${TWO.manifest.generation} Error: The agent answered 409`);
    expect(failures.join('')).not.toContain('password_digest');
  });

  it('brings each file once, however often the agent asks for it', async () => {
    const texts = new Map(['a', 'b'].map(key => [key, 'x'.repeat(1_000_000)]));
    const { said, send } = setUp({ lacks: Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? 'a' : 'b')) });
    await send({ ...TWO, texts });

    expect(said.slice(1).map(([, { files }]) => Object.keys(files ?? {}))).toEqual([['a'], ['b']]);
  });

  it('brings nothing that the bundle has not', async () => {
    const { said, failures, send } = setUp({ lacks: ['../../etc/passwd'] });
    await send(TWO);

    expect(said).toHaveLength(1);
    expect(failures.join('')).toContain('not in the bundle');
  });
});
