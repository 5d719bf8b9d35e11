import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Project } from 'ts-morph';
import { expect, it } from 'vitest';
import { circlesOf } from '../src/core/circles.ts';

/** The arrows of the layout (CONTRIBUTING.md), and what the core may not touch. Each test names the rule it enforces. */

const root = join(import.meta.dirname, '..');
const project = new Project({ tsConfigFilePath: join(root, 'tsconfig.json'), skipAddingFilesFromTsConfig: true });
project.addSourceFilesAtPaths(join(root, 'src/**/*.ts'));

interface Import {
  readonly from: string;
  readonly to: string;
}

const imports: Import[] = project
  .getSourceFiles()
  .filter(file => !file.getFilePath().endsWith('.test.ts'))
  .flatMap(file =>
    file.getImportDeclarations().map(declaration => ({
      from: relative(root, file.getFilePath()),
      to: declaration.getModuleSpecifierValue().startsWith('.')
        ? relative(root, join(file.getDirectoryPath(), declaration.getModuleSpecifierValue()))
        : declaration.getModuleSpecifierValue(),
    })),
  );

function area(path: string): string {
  return path.startsWith('src/') ? (path.split('/')[1] ?? '') : path;
}

const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  api: ['api', 'zod'],
  core: ['api', 'core', 'node:crypto'],
  runtime: ['runtime', 'pino', 'node:crypto'],
  kube: ['kube', 'api', 'runtime', 'undici', '@kubernetes/client-node', 'prom-client', 'yaml', 'node:'],
  agent: ['agent', 'api', 'runtime', 'prom-client', 'zod', 'node:'],
  operator: [
    'operator',
    'api',
    'core',
    'kube',
    'runtime',
    'undici',
    'prom-client',
    'zod',
    '@peculiar/x509',
    'reflect-metadata',
    'node:',
  ],
  standalone: ['standalone', 'agent', 'api', 'core', 'runtime', 'yaml', 'qrcode', 'node:'],
  view: ['view', 'lint', 'api', 'core'],
  lint: ['lint', 'api', 'core', 'ajv', '@marcbachmann/cel-js', 'yaml', 'node:util'],
  cli: [
    'cli',
    'view',
    'lint',
    'api',
    'core',
    'kube',
    'operator',
    'runtime',
    'standalone',
    'commander',
    '@bomb.sh/tab/commander',
    'package.json',
    'prom-client',
    'qrcode',
    'yaml',
    'node:',
  ],
  tools: ['tools', 'api', 'zod', 'yaml', 'esbuild', 'node:'],
};

it.each(Object.entries(MAY_IMPORT))('src/%s imports only what its arrows allow', (name, allowed) => {
  const wrong = imports.filter(
    ({ from, to }) =>
      area(from) === name &&
      !allowed.some(target => (target.endsWith(':') ? to.startsWith(target) : area(to) === target)),
  );

  expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
});

/** The rooms of the agent (CONTRIBUTING.md), and those below that each of them may know; what is in no room may know all. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  ami: [],
  asterisk: ['ami'],
  configuration: ['asterisk', 'ami'],
  live: ['asterisk', 'ami'],
  events: ['asterisk', 'ami'],
  operations: ['configuration', 'events', 'asterisk', 'ami'],
};

/** Empty: it is in no room of the agent. */
function roomOf(path: string): string {
  return /^src\/agent\/([^/]+)\//.exec(path)?.[1] ?? '';
}

it('a room of the agent knows only what is below it', () => {
  const own = imports.filter(({ from }) => roomOf(from) !== '');
  const wrong = own.filter(({ from, to }) => {
    const [room, other] = [roomOf(from), roomOf(to)];
    return to.startsWith('src/agent/') && other !== room && !ROOMS[room]?.includes(other);
  });

  expect([...new Set(own.map(({ from }) => roomOf(from)))].sort()).toEqual(Object.keys(ROOMS).sort());
  expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
});

const core = imports.filter(({ from, to }) => from.startsWith('src/core/') && to.startsWith('src/core/'));

it('nothing in the core points back up: its files import each other without a circle', () => {
  const files = [...new Set(core.map(({ from }) => from))];
  const circles = circlesOf(files, file => core.filter(({ from }) => from === file).map(({ to }) => to));

  expect([...circles.keys()].sort()).toEqual([]);
});

/** What goes over all kinds stands above them. */
const OVER_KINDS = [
  'evaluation.ts',
  'compile.ts',
  'loops.ts',
  'kinds/index.ts',
  'asterisk/render.ts',
  'status/statuses.ts',
  'status/events.ts',
  'status/ways-out.ts',
].map(name => `src/core/${name}`);

/** The folder of a kind that a file is in. */
function kindOf(path: string): string | undefined {
  return /^src\/core\/kinds\/([^/]+)\//.exec(path)?.[1];
}

it('a kind knows others by the index of their tenant alone, and nothing that goes over all kinds', () => {
  expect(OVER_KINDS.filter(path => !core.some(({ from }) => from === path))).toEqual([]); // all of them are there
  const wrong = core.filter(({ from, to }) => {
    const [own, other] = [kindOf(from), kindOf(to)];
    if (own === undefined) return false;
    // an Organization is what its class makes of it: there is no tenant yet that could have an index
    if (own === 'organization' && other === 'organization-class') return false;
    return OVER_KINDS.includes(to) || (other !== undefined && other !== own);
  });

  expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
});

/** The files of a kind's folder and what each answers. */
const KIND_FILES: Readonly<Record<string, string>> = {
  'index.ts': 'what the kind is to everything that goes over all kinds',
  'checks.ts': 'what keeps one from being in service, and what is wrong with it',
  'resolve.ts': 'what the renderer needs of one: inherited, found, turned into words',
  'render.ts': 'its text in the files of Asterisk',
  'status.ts': 'what its status says beside the standard conditions',
  'not-yet.ts': 'which of its fields have no effect in this release',
  'evaluation.ts': 'how thousands are evaluated, and which results are kept',
  'secret-requests.ts': 'which passwords and PINs must be generated for one',
  'secrets.ts': 'what its Secrets hold',
  'destinations.ts': 'how calls reach one',
  'sources.ts': 'by which addresses its calls are known',
};

it('a folder of a kind has the files that those of others have', () => {
  const own = files('src/core/kinds').map(([path]) => path.split('/').slice(3));
  const inFolders = own.filter(({ length }) => length > 1);

  expect(
    own
      .filter(({ length }) => length === 1)
      .map(String)
      .sort(),
  ).toEqual(['index.ts', 'module.ts']);
  expect(inFolders.filter(path => path.length > 2 || !isKnown(path[1] ?? '')).map(path => path.join('/'))).toEqual([]);
});

function isKnown(name: string): boolean {
  return name in KIND_FILES || name.endsWith('.test.ts');
}

const TIME =
  /\b(Date\.now\b|new Date\(\)|setTimeout\b|setInterval\b|setImmediate\b|AbortSignal\.timeout\b|performance\.now\b|process\.hrtime\b|timers\/promises)/;

it('nothing but the clock reads the time or sets a timer', () => {
  const wrong = sources().filter(([path, text]) => path !== 'src/runtime/clock.ts' && TIME.test(text));

  expect(wrong.map(([path]) => path)).toEqual([]);
});

it('the core has no randomness and no environment', () => {
  const wrong = sources().filter(
    ([path, text]) =>
      path.startsWith('src/core/') && /\b(Math\.random|randomBytes|randomUUID|randomInt|process\.)/.test(text),
  );

  expect(wrong.map(([path]) => path)).toEqual([]);
});

/** Where the operator keeps something by name all the same: what it is of, or what else takes it out again. */
const KEPT_BY_NAME: Readonly<Record<string, string>> = {
  'caches.ts': 'reflectors, by kind',
  'claims.ts': 'of the whole platform: the watch of each object, and the drop of a tenant',
  'operator.ts': 'edited tenants: the pass that follows each edit',
  'parsed.ts': 'schemas, by kind',
  'roll-guard.ts': 'reservations: the end of the pass that made one',
  'tenant-runtime.ts': 'the tenants themselves, and in each what is of it alone',
};

it('what the operator remembers of a tenant is in its TenantRuntime, which is dropped whole', () => {
  const keeping = project
    .getSourceFiles()
    .filter(file => relative(root, file.getFilePath()).startsWith('src/operator/'))
    .filter(file => !file.getFilePath().endsWith('.test.ts'))
    .filter(file => {
      const fields = file.getClasses().flatMap(one => [...one.getProperties(), ...one.getStaticProperties()]);
      return [...fields, ...file.getVariableDeclarations()].some(one => /\b(Map|Set)\b[<(]/.test(one.getText()));
    })
    .map(file => file.getBaseName());

  expect(keeping.sort()).toEqual(Object.keys(KEPT_BY_NAME).sort());
});

it('no file is above 400 lines', () => {
  const all = [...files('src'), ...files('test')];
  const long = all.filter(([, text]) => text.trimEnd().split('\n').length > 400);

  expect(long.map(([path]) => path)).toEqual([]);
});

/** Those of the product alone. */
function sources(): [string, string][] {
  return files('src').filter(([path]) => !path.endsWith('.test.ts'));
}

function files(top: string): [string, string][] {
  return readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => [`${top}/${name}`, readFileSync(join(root, top, name), 'utf8')]);
}

/**
 * Words that this code once had meanings of its own for, and what to use instead. They are neither in comments nor parts of
 * names, so that a reader needs no glossary.
 */
const PRIVATE_WORDS: Readonly<Record<string, string>> = {
  'told|tells?|telling|teller': 'report, notify, publish, write, log, distinguish',
  'unheard|overheard': 'pending: no report was received yet',
  'strangers?': 'unmanaged objects, foreign fields, other users, callers from outside',
  'residents?|flights?|sings?|doors?': 'endpoints, requests, is ready, servers and ports',
  'judges?|judged|judgements?': 'evaluate, evaluation',
  'surroundings|poke[sd]?|canary|authority': 'platform, nudge, probe, CA',
  'she|her|hers|herself|he|him|his|himself': 'the user, the phone, the caller, they',
};

it('names and comments are in the terms of the field', () => {
  const pattern = new RegExp(`^(${Object.keys(PRIVATE_WORDS).join('|')})$`, 'i');
  const found = sources()
    .flatMap(([path, text]) => [...commentWords(text), ...nameWords(text)].map(word => [path, word] as const))
    .filter(([, word]) => pattern.test(word));

  expect(found.map(([path, word]) => `${path}: ${word}`)).toEqual([]);
});

/** Also `//` behind code, where it follows a space; in texts it hardly ever does. */
function commentWords(text: string): string[] {
  const comments = text.match(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/ .*$/gm) ?? [];
  return comments.flatMap(comment => comment.match(/[A-Za-z]+/g) ?? []);
}

const NAME =
  /\b(?:const|let|function\*?|class|interface|type|readonly|get|set|static)\s+#?([A-Za-z]\w*)|#([A-Za-z]\w*)/g;

/** Words of the names that a file declares: `isAgentPending` has three. */
function nameWords(text: string): string[] {
  const names = [...text.matchAll(NAME)].map(([, name, member]) => name ?? member ?? '');
  return names.flatMap(name => name.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g) ?? []);
}

/** Steps of the pipeline (CONTRIBUTING.md) and commands, of which each file has the function of that name. */
const STEPS: ReadonlySet<string> = new Set(
  'compile render resolve gather decide execute reconcile find build generate call'.split(' '),
);
const VERBS: ReadonlySet<string> = new Set(
  'ask blame build call carry check compile cover covers cut decide deliver each evaluate execute fill find gather generate get hear judge learn leave make merge poke read reconcile render resolve send tell telling together told write written'.split(
    ' ',
  ),
);

it('a file is named by a noun, that of its main export', () => {
  const wrong = sources()
    .map(([path]) => path)
    .filter(path => {
      const name = /([^/]+)\.ts$/.exec(path)?.[1] ?? '';
      return VERBS.has(name) && !STEPS.has(name);
    });

  expect(wrong).toEqual([]);
});
