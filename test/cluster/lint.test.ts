import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ServerAccess, serverAccess } from '../../src/kube/credentials.ts';
import { pathOf, RESOURCES, type ResourceType } from '../../src/kube/resource.ts';
import { BAD_MANIFESTS } from '../lint/corpus.ts';
import { type ServerAnswer, serverAnswer } from '../lint/server-answer.ts';
import { environment } from './environment.ts';
import { installContract } from './platform.ts';

/** That the answers which `lint` is measured by are those of a real API server. */
let access: ServerAccess;
let dispatcher: Agent;

beforeAll(async () => {
  await installContract();
  access = await serverAccess({ file: environment().kubeconfig });
  const { ca, cert, key } = access;
  dispatcher = new Agent({ connect: { ca, cert, key } });
});
afterAll(() => dispatcher.close());

it('a real API server names the recorded fields of each manifest', async () => {
  const recorded = JSON.parse(await readFile(join(import.meta.dirname, '../lint/server-answers.json'), 'utf8'));
  const answers: Record<string, ServerAnswer> = {};
  for (const [what, text] of BAD_MANIFESTS) answers[what] = await ask(text);

  expect(answers).toEqual(recorded);
});

/** As `kubectl create --dry-run=server --validate=strict` asks, but in YAML, so that it is the server that reads it. */
async function ask(text: string): Promise<ServerAnswer> {
  const authorization = await access.authorization();
  const { statusCode, body } = await request(`${access.server}${placeOf(text)}?dryRun=All&fieldValidation=Strict`, {
    dispatcher,
    method: 'POST',
    headers: { 'content-type': 'application/yaml', ...(authorization ? { authorization } : {}) },
    body: text,
  });
  const said = await body.text();
  return serverAnswer(statusCode, said.startsWith('{') ? JSON.parse(said) : {});
}

/** Where such an object would be created. What has no kind, or none that is there, has no place. */
function placeOf(text: string): string {
  const [, kind = 'SipUser'] = /^kind: (\S+)/m.exec(text) ?? [];
  const [, apiVersion = 'ringfleet.io/v1alpha1'] = /^apiVersion: (\S+)/m.exec(text) ?? [];
  const known = (RESOURCES as Readonly<Record<string, ResourceType>>)[kind];
  const path = pathOf(known ?? { ...RESOURCES.SipUser, plural: `${kind.toLowerCase()}s` }, { namespace: 'default' });
  return known?.group === '' ? path : path.replace('ringfleet.io/v1alpha1', apiVersion);
}
