import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { user } from '../snapshots.ts';
import { withSettings } from '../with-settings.ts';
import { AgentRig, bundleFor, loaded, restartSafe } from './agent-rig.ts';
import { freePorts } from './ports.ts';

/** What is for the agent alone reaches no file of Asterisk, whatever is done with the bundle. */
const PORT = await freePorts();
let rig: AgentRig;

afterEach(() => rig?.stop());

async function filesWith(word: string, directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries.filter(entry => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const texts = await Promise.all(paths.map(async path => [path, await readFile(path, 'utf8')] as const));
  return texts.filter(([path, text]) => path.includes(word) || text.includes(word)).map(([path]) => path);
}

it('stay in the bundle through load, restart check and a restart of the pod', async () => {
  rig = await AgentRig.start(PORT);
  const open = { webhooks: { url: 'https://hooks.example' } };
  const secret = { webhooks: { key: 'not-for-everybody' } };
  const bundle = withSettings(bundleFor(PORT, { users: [user('jane', '1001')] }), open, secret);
  await rig.publish(bundle);
  await loaded(rig, bundle.manifest.generation);
  await restartSafe(rig.agent);
  await rig.kill();
  await loaded(rig, bundle.manifest.generation);
  await restartSafe(rig.agent);

  const { places } = rig;
  for (const place of Object.values(places))
    for (const word of ['not-for-everybody', 'hooks.example', 'agent.json', 'agent-secret'])
      expect(await filesWith(word, place)).toEqual([]);
  expect(await filesWith('acme_1001', places.config)).not.toEqual([]);
  expect(rig.said.join('\n')).not.toContain('not-for-everybody');
});
