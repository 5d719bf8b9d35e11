import { execFile } from 'node:child_process';
import { arch, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached } from '../../src/standalone/cache.ts';
import { command, type Say } from '../../src/standalone/command.ts';
import { type Result, tryProgram } from './environment.ts';
import { ensureGo } from './golang.ts';

/**
 * The real Helm, built from its Go module. Helm 4 is the one that is developed, and applies on the server's side unless
 * told otherwise; Helm 3 gets security fixes until February 2027, and many have not left it. Charts are for both.
 */
const RELEASES = {
  4: { version: '4.3.1', flags: [] },
  3: {
    version: '3.22.0',
    // Its own Makefile says so: without them it believes that a chart is rendered for Kubernetes 1.20.
    flags: ['lint/rules', 'chartutil'].flatMap(at => [`${at}.k8sVersionMajor=1`, `${at}.k8sVersionMinor=37`]),
  },
} as const;

export type HelmMajor = keyof typeof RELEASES;
export const HELMS = [4, 3] as const satisfies readonly HelmMajor[];

/** Returns the program. Tests find it in the cache: where they run there may be no network. */
export async function ensureHelm(say: Say, major: HelmMajor = 4): Promise<string> {
  const name = `helm${major}-${RELEASES[major].version}-${arch()}`;
  const what = `Helm ${RELEASES[major].version}`;
  return cached({ name, what, usable: home => usable(home, major), make: work => make(work, major, say) }, say);
}

async function usable(home: string, major: HelmMajor): Promise<string | undefined> {
  const program = join(home, 'helm');
  const { stdout } = await promisify(execFile)(program, ['version', '--template={{.Version}}'], {
    env: ownEnvironment(),
  });
  return stdout === `v${RELEASES[major].version}` ? program : undefined;
}

async function make(work: string, major: HelmMajor, say: Say): Promise<void> {
  const { version, flags } = RELEASES[major];
  const go = await ensureGo(say);
  const module = `helm.sh/helm/v${major}`;
  say(`Building Helm ${version} from its Go module (about 3 minutes on 2 cores, once)`);
  const set = [`internal/version.version=v${version}`, ...flags.map(flag => `pkg/${flag}`)];
  const ldflags = ['-s', '-w', ...set.map(one => `-X ${module}/${one}`)].join(' ');
  const args = ['install', '-v', '-trimpath', '-ldflags', ldflags, `${module}/cmd/helm@v${version}`];
  await command(go.binary, args, { say, cwd: work, env: { ...go.env, GOBIN: work } });
}

export interface HelmOptions {
  readonly major?: HelmMajor;
  /** What it reads with `-f -`, where a file of values is meant. */
  readonly input?: string;
}

/** Runs Helm, whatever comes of it, against the cluster of the tests; without one it reaches none. */
export async function tryHelm(words: readonly string[], { major = 4, input = '' }: HelmOptions = {}): Promise<Result> {
  return tryProgram(await ensureHelm(console.error, major), words, { input, env: ownEnvironment() });
}

/** Runs Helm and returns what it printed; throws its words when it fails. */
export async function helm(words: readonly string[], options: HelmOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await tryHelm(words, options);
  if (code !== 0) throw new Error(`helm ${words.join(' ')}: ${stderr.trim()}`);
  return stdout;
}

/** Nobody's own repositories, plugins and settings. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('HELM_'));
  const homes = ['CACHE', 'CONFIG', 'DATA'].map(what => [`HELM_${what}_HOME`, join(tmpdir(), 'ringfleet-helm', what)]);
  const KUBECONFIG = process.env['RINGFLEET_KUBECONFIG'] ?? '/dev/null';
  return { ...Object.fromEntries([...own, ...homes]), KUBECONFIG };
}
