import { ensureHelm, HELMS } from '../cluster/helm.ts';

/** Once for all files of the project: each Helm is there, or is made. */
export default async function setup(): Promise<void> {
  for (const major of HELMS) await ensureHelm(console.log, major);
}
