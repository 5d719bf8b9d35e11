import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Go } from './golang.ts';

/** Not 1.35 or newer: its kubelet wants cgroup v2 and containerd 2. */
export const KUBERNETES = '1.34.4';

/** Published late or not at all, and needed by nothing here. */
const NOT_PUBLISHED = ['sample-cli-plugin', 'sample-apiserver', 'sample-controller', 'code-generator'];

/** A module as it lies in Go's own cache, which is read-only. */
export interface Module {
  readonly GoMod: string;
  readonly Dir: string;
}

export async function download(go: Go, module: string, cwd: string): Promise<Module> {
  const args = ['mod', 'download', '-json', module];
  const { stdout } = await promisify(execFile)(go.binary, args, { cwd, env: go.env, maxBuffer: 1 << 24 });
  return JSON.parse(stdout) as Module;
}

export interface MainModule {
  readonly name: string;
  readonly go: string;
  /** Beside what Kubernetes itself requires: `path version`. */
  readonly requires: readonly string[];
  readonly replaces?: readonly string[];
}

/**
 * The go.mod of a program that is built with exactly the modules that Kubernetes is built with. Kubernetes' own points
 * its staging modules at ./staging; a consumer must name the published ones instead.
 */
export async function goModOf(main: MainModule, go: Go, cwd: string): Promise<string> {
  const text = await readFile((await download(go, `k8s.io/kubernetes@v${KUBERNETES}`, cwd)).GoMod, 'utf8');
  const staging = `v0${KUBERNETES.slice(1)}`;
  const staged = [...text.matchAll(/^\s*(k8s\.io\/\S+) => \.\/staging/gm)].map(match => match[1] ?? '');
  const required = [...text.matchAll(/^\t(\S+) (v\S+)/gm)].map(match => [match[1] ?? '', match[2] ?? ''] as const);
  const used = staged.filter(module => !NOT_PUBLISHED.includes(module.replace('k8s.io/', '')));
  return [
    `module ${main.name}`,
    `go ${main.go}`,
    'require (',
    ...main.requires.map(module => `\t${module}`),
    ...required.filter(([module]) => !staged.includes(module)).map(([module, version]) => `\t${module} ${version}`),
    ...used.map(module => `\t${module} ${staging}`),
    ')',
    'replace (',
    ...staged.map(module => `\t${module} => ${module} ${staging}`),
    ...(main.replaces ?? []).map(line => `\t${line}`),
    ')',
    '',
  ].join('\n');
}
