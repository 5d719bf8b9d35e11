import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { toBuffer, toString as toText } from 'qrcode';
import { phoneUri } from '../view/phone-uri.ts';
import { userFacts, usersTable } from '../view/rows.ts';
import { plain, tableLines } from '../view/table.ts';
import { ofKind, type ShownObject } from '../view/tenant.ts';
import { type ClusterOptions, withCluster } from './frame/cluster-options.ts';
import { examples } from './frame/examples.ts';
import { CommandError, EXIT } from './frame/failure.ts';
import type { Act, Invocation, Verb } from './frame/invocation.ts';
import { type OutputOptions, withOutput } from './frame/options.ts';
import { linesOf } from './frame/print.ts';
import { type TenantSource, withTenant } from './tenants/source.ts';

/** `users`: who there is, and what a phone needs. */
export const users: Verb = (program, invocation, act) => {
  const group = program.command('users').description('list users, show one, and what a phone needs to register');
  group.addHelpText('after', () => examples(invocation.name, EXAMPLES));
  withCluster(withOutput(group.command('list').description('list the users'))).action(
    act((options: OutputOptions & ClusterOptions) => list(options, invocation)),
  );
  withCluster(withOutput(group.command('show').description('show one user').argument('<name>'))).action(
    act((name: string, options: OutputOptions & ClusterOptions) => show(name, options, invocation)),
  );
  credentials(group, invocation, act);
  qr(group, invocation, act);
};

const EXAMPLES = [
  ['users list -n grand-estancia', 'who there is, and whose phone is registered'],
  ['users credentials jane -n grand-estancia', 'what to type into a phone'],
  ['users credentials jane -n grand-estancia --field password', 'the password alone, for a pipe'],
  ['users qr jane -n grand-estancia', 'a code to scan with a softphone'],
] as const;

async function list(options: OutputOptions & ClusterOptions, invocation: Invocation): Promise<number> {
  const tenant = await withTenant(invocation, options, source => source.read());
  const lines = (wide: boolean): string[] => tableLines(usersTable(tenant), wide);
  for (const line of linesOf({ value: ofKind(tenant, 'SipUser'), lines }, options.output)) invocation.say(line);
  return EXIT.ok;
}

async function show(name: string, options: OutputOptions & ClusterOptions, invocation: Invocation): Promise<number> {
  const { user, organization } = await withTenant(invocation, options, source => find(source, name));
  const rows = userFacts(user, organization);
  const lines = (): string[] => tableLines({ columns: [{ name: '' }, { name: '' }], rows }).slice(1);
  for (const line of linesOf({ value: user, lines }, options.output)) invocation.say(line);
  return EXIT.ok;
}

async function find(source: TenantSource, name: string): Promise<{ user: ShownObject; organization: string }> {
  const tenant = await source.read();
  const all = ofKind(tenant, 'SipUser');
  const user = all.find(({ metadata, spec }) => metadata.name === name || extensionOf(spec) === name);
  if (user) return { user, organization: tenant.namespace };
  throw new CommandError(`There is no SipUser ${name} in ${tenant.namespace}`, { remedy: '`users list` lists them' });
}

function extensionOf(spec: unknown): string | undefined {
  return (spec as { extension?: string } | undefined)?.extension;
}

function credentials(group: Command, invocation: Invocation, act: Act): void {
  const command = group
    .command('credentials')
    .description('show what to type into a phone; needs the right to read the Secret of the user')
    .argument('<name>')
    .option('--field <name>', 'one value alone, such as password or server');
  withCluster(withOutput(command)).action(
    act(async (name: string, options: OutputOptions & ClusterOptions & { readonly field?: string }) => {
      const value = await withTenant(invocation, options, source => source.credentials(name));
      const { field } = options;
      if (field !== undefined) {
        const one = value[field];
        if (one === undefined)
          throw new CommandError(`There is no field ${field}`, {
            remedy: `There are ${Object.keys(value).join(', ')}`,
          });
        invocation.say(one);
        return EXIT.ok;
      }
      const rows = Object.entries(value).map(([key, one]) => [key, plain(one)]);
      const lines = (): string[] => tableLines({ columns: [{ name: '' }, { name: '' }], rows }).slice(1);
      for (const line of linesOf({ value, lines }, options.output)) invocation.say(line);
      return EXIT.ok;
    }),
  );
}

interface QrOptions extends ClusterOptions {
  readonly png?: string;
  readonly svg?: string;
}

function qr(group: Command, invocation: Invocation, act: Act): void {
  const command = group
    .command('qr')
    .description('show a code from which a softphone sets itself up; it has the password in it')
    .argument('<name>')
    .addOption(new Option('--png <file>', 'write a picture instead; nobody else may read it').conflicts('svg'))
    .option('--svg <file>', 'write a drawing instead; nobody else may read it');
  withCluster(command).action(
    act(async (name: string, options: QrOptions) => {
      const uri = phoneUri(await withTenant(invocation, options, source => source.credentials(name)));
      if (options.png !== undefined) await save(options.png, await toBuffer(uri), invocation);
      else if (options.svg !== undefined) await save(options.svg, await toText(uri, { type: 'svg' }), invocation);
      else invocation.say(await toText(uri, { type: 'terminal', small: true }));
      return EXIT.ok;
    }),
  );
}

/** A new file: one that is there keeps the rights that it has, which may let others read it. */
async function save(path: string, content: string | Buffer, { note }: Invocation): Promise<void> {
  await writeFile(path, content, { mode: 0o600, flag: 'wx' }).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'EEXIST' ? `${path} exists already` : `${path} cannot be written`;
    throw new CommandError(why, { cause });
  });
  note(`${path} has the password in it: delete it when it was scanned`);
}
