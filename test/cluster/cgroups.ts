import { access, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { end, identify } from './process.ts';

/**
 * A cgroup of its own for each cluster, in each hierarchy (v1) or in the one (v2): two kubelets under one cgroup root
 * take each other's pods for orphans and kill them. It also names the pods' processes, whoever their parent is.
 */
const ROOT = '/sys/fs/cgroup';

async function hierarchies(): Promise<string[]> {
  const unified = await access(join(ROOT, 'cgroup.controllers')).then(
    () => true,
    () => false,
  );
  if (unified) return [ROOT];
  const entries = await readdir(ROOT, { withFileTypes: true });
  return entries.filter(entry => entry.isDirectory()).map(entry => join(ROOT, entry.name));
}

export async function makeCgroups(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    const own = join(hierarchy, name);
    if (
      !(await mkdir(own, { recursive: true }).then(
        () => true,
        () => false,
      ))
    )
      continue;
    // an empty cpuset takes no process
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      const value = await readFile(join(hierarchy, file), 'utf8').catch(() => undefined);
      if (value?.trim()) await writeFile(join(own, file), value).catch(() => undefined);
    }
  }
}

/** Ends what is left in the cgroups, and removes them. */
export async function removeCgroups(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) await removeTree(join(hierarchy, name));
}

async function removeTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(folder, entry.name));
  const pids = (await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '')).split('\n').filter(Boolean);
  await Promise.all(
    pids.map(async pid => {
      const identity = await identify(Number(pid));
      if (identity) await end(identity);
    }),
  );
  await rmdir(folder).catch(() => undefined);
}
