import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Project } from 'ts-morph';
import { expect, it } from 'vitest';

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
  cli: ['cli', 'kube', 'operator', 'runtime', 'standalone', 'prom-client', 'node:'],
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
