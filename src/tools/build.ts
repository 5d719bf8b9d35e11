import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

/**
 * `npm run build`: the sources and what they need as one file per process, so that an image holds no node_modules.
 * The agent is a bundle of its own: it must not carry the operator's Kubernetes models into every pod. The phones are for
 * `helm test` of a tenant.
 */
const root = join(import.meta.dirname, '../..');
const ENTRIES = {
  agent: 'src/agent/main.ts',
  operator: 'src/main.ts',
  phones: 'src/standalone/phones/main.ts',
} as const;

/** Bundled packages of the older kind call `require`, which ES modules lack. */
const BANNER = `import { createRequire as createRequire_ } from 'node:module';
import { dirname as dirname_ } from 'node:path';
import { fileURLToPath as fileURLToPath_ } from 'node:url';
const require = createRequire_(import.meta.url);
const __filename = fileURLToPath_(import.meta.url);
const __dirname = dirname_(__filename);`;

/** Leaves out zod's messages in fifty languages, which are a third of the agent's bundle. English is imported elsewhere. */
const withoutLocales: Plugin = {
  name: 'without-locales',
  setup({ onLoad }) {
    onLoad({ filter: /node_modules\/zod\/.*\/locales\/index\.js$/ }, () => ({ contents: 'export {}' }));
  },
};

/** Writes `<name>.js` for each entry, and the package.json that makes Node take them for ES modules. */
export async function buildBundles(folder: string, entryPoints: Record<string, string> = ENTRIES): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints,
    outdir: folder,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // names in stack traces stay readable
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    plugins: [withoutLocales],
    banner: { js: BANNER },
    logLevel: 'warning',
  });
  await writeFile(join(folder, 'package.json'), '{"type":"module"}\n');
}

if (import.meta.main) await buildBundles(join(root, 'dist'));
