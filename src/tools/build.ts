import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';

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

/** What is installed as one file runs on whatever Node is there, and undici cannot be loaded by an older one. */
const NODE_GUARD = `const [major_, minor_] = process.versions.node.split('.').map(Number);
if (major_ < 22 || (major_ === 22 && minor_ < 19)) {
  console.error(\`error: this is Node \${process.versions.node}, and ringfleet needs Node 22.19 or newer\`);
  process.exit(3);
}`;

/** Leaves out zod's messages in fifty languages, which are a third of the agent's bundle. English is imported elsewhere. */
const withoutLocales: Plugin = {
  name: 'without-locales',
  setup({ onLoad }) {
    onLoad({ filter: /node_modules\/zod\/.*\/locales\/index\.js$/ }, () => ({ contents: 'export {}' }));
  },
};

const OPTIONS = {
  absWorkingDir: root,
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
} as const satisfies BuildOptions;

/** Writes `<name>.js` for each entry, and the package.json that makes Node take them for ES modules. */
export async function buildBundles(folder: string, entryPoints: Record<string, string> = ENTRIES): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await build({ ...OPTIONS, entryPoints, outdir: folder });
  await writeFile(join(folder, 'package.json'), '{"type":"module"}\n');
}

/**
 * Writes the command line as one file that can be put into PATH: as `kubectl-ringfleet` kubectl finds it as a plugin. The
 * script beside it is what kubectl asks for completions of a plugin.
 */
export async function buildPlugin(folder: string): Promise<void> {
  const outfile = join(folder, 'kubectl-ringfleet');
  const banner = { js: `#!/usr/bin/env node\n${BANNER}\n${NODE_GUARD}` };
  await build({ ...OPTIONS, entryPoints: [ENTRIES.operator], outfile, banner });
  const completion = join(folder, 'kubectl_complete-ringfleet');
  await writeFile(completion, '#!/bin/sh\nexec kubectl-ringfleet complete -- "$@"\n');
  for (const file of [outfile, completion]) await chmod(file, 0o755);
}

if (import.meta.main) {
  const folder = join(root, 'dist');
  await buildBundles(folder);
  await buildPlugin(folder);
}
