import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached } from '../../src/standalone/cache.ts';
import { command, type Say } from '../../src/standalone/command.ts';
import { ensureGo, type Go } from './golang.ts';

/**
 * Kubernetes from its Go module, all components as one binary, since no registry of images or binaries is needed for
 * that. Not 1.35 or newer: its kubelet wants cgroup v2 and containerd 2.
 */
const VERSION = '1.34.4';
const SOURCE = join(import.meta.dirname, 'hyperkube/main.go');
const COMPONENTS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'kubelet', 'kubectl'];
/** Published late or not at all, and needed by nothing here. */
const NOT_PUBLISHED = ['sample-cli-plugin', 'sample-apiserver', 'sample-controller', 'code-generator'];

/** Returns the folder with one link per component. */
export async function ensureHyperkube(say: Say): Promise<string> {
  const source = await readFile(SOURCE, 'utf8');
  const key = createHash('sha256').update(source).digest('hex').slice(0, 8);
  const name = `hyperkube-${VERSION}-${arch()}-${key}`;
  return cached({ name, what: 'Kubernetes', usable, make: work => make(work, say) }, say);
}

async function usable(home: string): Promise<string | undefined> {
  for (const component of ['kubelet', 'kubectl']) {
    const args = component === 'kubectl' ? ['version', '--client'] : ['--version'];
    const { stdout } = await promisify(execFile)(join(home, component), args);
    if (!stdout.includes(`v${VERSION}`)) return undefined;
  }
  return home;
}

async function make(work: string, say: Say): Promise<void> {
  const go = await ensureGo(say);
  const source = join(work, 'source');
  await mkdir(source);
  await copyFile(SOURCE, join(source, 'main.go'));
  say(`Building Kubernetes ${VERSION} from its Go module (about 7 minutes on 2 cores, 2 GB, once)`);
  await writeFile(join(source, 'go.mod'), goMod(await moduleFile(go, source)));
  const version = 'k8s.io/component-base/version';
  const [major, minor] = VERSION.split('.');
  const flags = `-s -w -X ${version}.gitVersion=v${VERSION} -X ${version}.gitMajor=${major} -X ${version}.gitMinor=${minor}`;
  // `go mod tidy` would want the modules of all tests, and some of those are not published.
  const args = ['build', '-v', '-mod=mod', '-trimpath', '-o', join(work, 'hyperkube'), '-ldflags', flags, '.'];
  await command(go.binary, args, { say, cwd: source, env: go.env });
  for (const component of COMPONENTS) await symlink('hyperkube', join(work, component));
}

async function moduleFile(go: Go, cwd: string): Promise<string> {
  const args = ['mod', 'download', '-json', `k8s.io/kubernetes@v${VERSION}`];
  const { stdout } = await promisify(execFile)(go.binary, args, { cwd, env: go.env, maxBuffer: 1 << 24 });
  return readFile((JSON.parse(stdout) as { GoMod: string }).GoMod, 'utf8');
}

/** Kubernetes' own go.mod points its staging modules at ./staging; a consumer must name the published ones instead. */
function goMod(text: string): string {
  const staging = `v0${VERSION.slice(1)}`;
  const staged = [...text.matchAll(/^\s*(k8s\.io\/\S+) => \.\/staging/gm)].map(match => match[1] ?? '');
  const required = [...text.matchAll(/^\t(\S+) (v\S+)/gm)].map(match => [match[1] ?? '', match[2] ?? ''] as const);
  const used = staged.filter(module => !NOT_PUBLISHED.includes(module.replace('k8s.io/', '')));
  return [
    'module hyperkube',
    'go 1.24.0',
    'require (',
    `\tk8s.io/kubernetes v${VERSION}`,
    ...required.filter(([module]) => !staged.includes(module)).map(([module, version]) => `\t${module} ${version}`),
    ...used.map(module => `\t${module} ${staging}`),
    ')',
    'replace (',
    ...staged.map(module => `\t${module} => ${module} ${staging}`),
    ')',
    '',
  ].join('\n');
}
