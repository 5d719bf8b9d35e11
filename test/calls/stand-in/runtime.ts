import { spawn } from 'node:child_process';
import { appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../../src/runtime/clock.ts';
import type { StandIn } from './install.ts';

/**
 * A container runtime as seen from its command line, where none can run: what it starts is the Asterisk of the cached
 * root file system, which lives on when its client is killed, has a name, and sees only what is mounted. Words that it
 * does not know are refused, as the real ones refuse them.
 */
const { folder, rootfs, asterisk, offline } = JSON.parse(process.env['RINGFLEET_STAND_IN'] ?? '{}') as StandIn;
const CONTAINERS = join(folder, 'containers');
const OPTIONS =
  /^--(rm|read-only|pull=never|name=.+|label=.+|stop-signal=.+|network=host|user=\d+:\d+|cap-drop=ALL|security-opt=.+|log-driver=none|tmpfs=\/tmp|env=.+|mount=type=bind,.+)$/;
const NEEDED = ['rm', 'network=host', 'user', 'name', 'label', 'pull=never'];

function refuse(why: string): never {
  console.error(`Error: ${why}`);
  process.exit(125);
}

const imageFile = (name: string): string => join(folder, 'images', name.replaceAll('/', '_'));

async function image([verb, name = '']: readonly string[]): Promise<void> {
  if (verb !== 'inspect') refuse(`unknown command ${verb}`);
  await readFile(imageFile(name)).catch(() => refuse(`${name}: image not known`));
}

async function build(words: readonly string[]): Promise<void> {
  if (offline) refuse('the registry cannot be reached');
  const value = (option: string): string =>
    words.find(word => word.startsWith(`${option}=`))?.slice(option.length + 1) ?? '';
  const dockerfile = await readFile(value('--file'), 'utf8');
  if (!dockerfile.includes(` AS ${value('--target')}\n`)) refuse('target stage could not be found');
  await mkdir(join(folder, 'images'), { recursive: true });
  await writeFile(imageFile(value('--tag')), '');
}

async function run(words: readonly string[]): Promise<void> {
  const place = words.findIndex(word => !word.startsWith('--'));
  const options = words.slice(0, place);
  const wrong = options.find(option => !OPTIONS.test(option));
  if (wrong) refuse(`unknown flag: ${wrong}`);
  for (const option of NEEDED)
    if (!options.some(given => given.startsWith(`--${option}`))) refuse(`this needs --${option}`);
  await image(['inspect', words[place] ?? '']);
  const name = options.find(option => option.startsWith('--name='))?.slice('--name='.length) ?? '';
  const mounted = options.flatMap(option => /^--mount=.*,source=([^,]+),target=\1$/.exec(option)?.[1] ?? []);
  await appendFile(join(folder, 'runs'), `${name}\n`);
  const [init, dashes, ...inside] = words.slice(place + 1);
  if (init !== 'tini' || dashes !== '--') refuse('nobody would pass on signals');
  const [file = '', ...args] = inside[0] === 'asterisk' ? await asteriskWords(inside, mounted, name) : outside(inside);
  const child = spawn(file, args, { detached: true, stdio: inside[0] === 'asterisk' ? 'ignore' : 'inherit' });
  const exited = new Promise<number>(resolve => {
    child.once('exit', status => resolve(status ?? 137)); // it may end before its record is written
  });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  await mkdir(CONTAINERS, { recursive: true });
  await writeFile(join(CONTAINERS, name), JSON.stringify({ pid: child.pid, client: process.pid }));
  const code = await exited;
  await rm(join(CONTAINERS, name), { force: true });
  process.exit(code);
}

/** The image's files are in the root file system. */
function outside(words: readonly string[]): string[] {
  return words.map(word =>
    word.replaceAll(/(?<= )\/usr\//g, `${rootfs}/usr/`).replace('asterisk -V', `${asterisk.join(' ')} -V`),
  );
}

/** With an asterisk.conf for outside; what is neither of the image nor mounted is not there. */
async function asteriskWords(words: readonly string[], mounted: readonly string[], name: string): Promise<string[]> {
  const given = words[words.indexOf('-C') + 1] ?? '';
  const text = await readFile(given, 'utf8');
  const paths = [given, ...[...text.matchAll(/=> (\/.*)$/gm)].map(match => match[1] ?? '')];
  const missing = paths.find(path => !['/usr', rootfs, ...mounted].some(root => `${path}/`.startsWith(`${root}/`)));
  if (missing) refuse(`${missing} is not mounted`);
  const own = join(folder, `${name}.conf`);
  await writeFile(own, text.replaceAll('=> /usr/', `=> ${rootfs}/usr/`));
  return [...asterisk, ...words.slice(1).map(word => (word === given ? own : word))];
}

async function remove([force, name = '']: readonly string[]): Promise<void> {
  if (force !== '--force') refuse('it runs');
  const record = await readFile(join(CONTAINERS, name), 'utf8').catch(() => refuse(`no container ${name}`));
  const { pid } = JSON.parse(record) as { pid: number };
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended
  }
  await until('it to end', async () => ((await runs(pid)) ? undefined : true), { deadlineMs: 10_000 });
  await rm(join(CONTAINERS, name), { force: true });
}

async function runs(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat !== undefined && !/\) [ZX] /.test(stat);
}

async function list(): Promise<void> {
  for (const name of await readdir(CONTAINERS).catch(() => [])) console.log(name);
}

const [verb = '', ...rest] = process.argv.slice(2);
const verbs: Readonly<Record<string, (words: readonly string[]) => Promise<void>>> = {
  info: async () => console.log('["name=seccomp,profile=builtin"]'),
  image,
  build,
  run,
  rm: remove,
  ps: list,
};
await (verbs[verb] ?? (() => refuse(`unknown command ${verb}`)))(rest);
