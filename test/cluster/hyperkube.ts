import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached } from '../../src/standalone/cache.ts';
import { command, type Say } from '../../src/standalone/command.ts';
import { ensureGo } from './golang.ts';
import { goModOf, KUBERNETES } from './kubernetes-modules.ts';

/**
 * Kubernetes from its Go module, all components as one binary, since no registry of images or binaries is needed for
 * that.
 */
const SOURCE = join(import.meta.dirname, 'hyperkube/main.go');
const COMPONENTS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'kubelet', 'kubectl'];

/** Returns the folder with one link per component. */
export async function ensureHyperkube(say: Say): Promise<string> {
  const source = await readFile(SOURCE, 'utf8');
  const key = createHash('sha256').update(source).digest('hex').slice(0, 8);
  const name = `hyperkube-${KUBERNETES}-${arch()}-${key}`;
  return cached({ name, what: 'Kubernetes', usable, make: work => make(work, say) }, say);
}

async function usable(home: string): Promise<string | undefined> {
  for (const component of ['kubelet', 'kubectl']) {
    const args = component === 'kubectl' ? ['version', '--client'] : ['--version'];
    const { stdout } = await promisify(execFile)(join(home, component), args);
    if (!stdout.includes(`v${KUBERNETES}`)) return undefined;
  }
  return home;
}

async function make(work: string, say: Say): Promise<void> {
  const go = await ensureGo(say);
  const source = join(work, 'source');
  await mkdir(source);
  await copyFile(SOURCE, join(source, 'main.go'));
  say(`Building Kubernetes ${KUBERNETES} from its Go module (about 7 minutes on 2 cores, 2 GB, once)`);
  const main = { name: 'hyperkube', go: '1.24.0', requires: [`k8s.io/kubernetes v${KUBERNETES}`] };
  await writeFile(join(source, 'go.mod'), await goModOf(main, go, source));
  const version = 'k8s.io/component-base/version';
  const [major, minor] = KUBERNETES.split('.');
  const flags = `-s -w -X ${version}.gitVersion=v${KUBERNETES} -X ${version}.gitMajor=${major} -X ${version}.gitMinor=${minor}`;
  // `go mod tidy` would want the modules of all tests, and some of those are not published.
  const args = ['build', '-v', '-mod=mod', '-trimpath', '-o', join(work, 'hyperkube'), '-ldflags', flags, '.'];
  await command(go.binary, args, { say, cwd: source, env: go.env });
  for (const component of COMPONENTS) await symlink('hyperkube', join(work, component));
}
