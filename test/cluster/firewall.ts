import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached } from '../../src/standalone/cache.ts';
import { command, type Say } from '../../src/standalone/command.ts';
import { ensureGo } from './golang.ts';
import { download, goModOf, KUBERNETES } from './kubernetes-modules.ts';

/**
 * What enforces NetworkPolicies: kube-router's firewall, from its Go module. Not sigs.k8s.io/kube-network-policies: it
 * needs NFT_QUEUE of the kernel, while iptables and ipset are everywhere.
 */
const VERSION = '2.10.0';
const MODULE = 'github.com/cloudnativelabs/kube-router/v2';
const SOURCE = join(import.meta.dirname, 'firewall/main.go');
/** Of what kube-router requires, that which is compiled in and Kubernetes does not have. */
const REQUIRES = [
  'github.com/cenkalti/backoff/v5 v5.0.3',
  'github.com/coreos/go-iptables v0.8.0',
  'github.com/goccy/go-yaml v1.19.2',
  'github.com/hashicorp/go-version v1.9.0',
];
const GO = '1.26.0';

/** Returns the program. */
export async function ensureFirewall(say: Say): Promise<string> {
  const source = await readFile(SOURCE, 'utf8');
  const key = createHash('sha256').update(source).update(KUBERNETES).update(REQUIRES.join()).digest('hex').slice(0, 8);
  const name = `kube-router-${VERSION}-${arch()}-${key}`;
  return cached({ name, what: 'kube-router', usable, make: work => make(work, say) }, say);
}

async function usable(home: string): Promise<string | undefined> {
  const program = join(home, 'kube-router');
  const { stderr } = await promisify(execFile)(program, ['--version']);
  return stderr.includes(`version v${VERSION},`) ? program : undefined;
}

async function make(work: string, say: Say): Promise<void> {
  const go = await ensureGo(say);
  const source = join(work, 'source');
  await mkdir(source);
  await copyFile(SOURCE, join(source, 'main.go'));
  say(`Building kube-router ${VERSION} from its Go module (seconds after Kubernetes, else 2 minutes on 2 cores, once)`);
  await withoutRequirements((await download(go, `${MODULE}@v${VERSION}`, source)).Dir, join(source, 'kube-router'));
  const main = {
    name: 'firewall',
    go: GO,
    requires: [`${MODULE} v${VERSION}`, ...REQUIRES],
    replaces: [`${MODULE} => ./kube-router`],
  };
  await writeFile(join(source, 'go.mod'), await goModOf(main, go, source));
  const flags = `-s -w -X ${MODULE}/pkg/version.Version=v${VERSION}`;
  const args = ['build', '-v', '-mod=mod', '-trimpath', '-o', join(work, 'kube-router'), '-ldflags', flags, '.'];
  await command(go.binary, args, { say, cwd: source, env: go.env });
}

/**
 * kube-router's go.mod asks for newer modules than Kubernetes', one of them by a commit that a proxy need not have.
 * Without it those of Kubernetes serve, most of which are compiled already.
 */
async function withoutRequirements(module: string, target: string): Promise<void> {
  await mkdir(target);
  for (const folder of ['pkg', 'internal']) await cp(join(module, folder), join(target, folder), { recursive: true });
  await writeFile(join(target, 'go.mod'), `module ${MODULE}\n\ngo ${GO}\n`);
}
