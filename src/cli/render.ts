import { type KindInfo, kinds } from '../api/index.ts';
import { compile } from '../core/compile.ts';
import { objectKey } from '../core/object-key.ts';
import type { Bundle } from '../core/plan.ts';
import type { Manifest } from '../core/snapshot.ts';
import { claimsAmong, snapshotOf } from '../lint/snapshot.ts';
import { asteriskLines, asteriskTexts } from '../view/asterisk-text.ts';
import type { ShownTenant } from '../view/tenant.ts';
import { type ClusterOptions, withCluster } from './frame/cluster-options.ts';
import { examples } from './frame/examples.ts';
import { CommandError, EXIT } from './frame/failure.ts';
import type { Verb } from './frame/invocation.ts';
import { type OutputOptions, withOutput } from './frame/options.ts';
import { linesOf } from './frame/print.ts';
import { withTenant } from './tenants/source.ts';

/** `render`: the text of Asterisk that manifests become. It reads no Secrets, and so can show none. */
export const render: Verb = (program, invocation, act) => {
  const command = program
    .command('render')
    .description('show the Asterisk configuration of a tenant, a user or a trunk; secrets are never in it')
    .argument('[kind]', 'user, trunk or any other kind; absent: the whole tenant')
    .argument('[name]', 'name of the object');
  withCluster(withOutput(command))
    .addHelpText('after', () => examples(invocation.name, EXAMPLES))
    .action(
      act(async (kind: string | undefined, name: string | undefined, options: OutputOptions & ClusterOptions) => {
        const object = kind === undefined ? undefined : objectOf(kind, name);
        const tenant = await withTenant(invocation, options, source => source.read());
        const texts = asteriskTexts(bundleOf(tenant), object);
        if (texts.length === 0)
          throw new CommandError(`${object ?? 'The tenant'} has no text in Asterisk`, { remedy: '`status` says why' });
        for (const line of linesOf({ value: texts, lines: () => asteriskLines(texts) }, options.output))
          invocation.say(line);
        return EXIT.ok;
      }),
    );
};

const EXAMPLES = [
  ['render user jane -n grand-estancia', 'what Asterisk is given of a user'],
  ['config/samples/hotel render', 'of all manifests in a directory'],
] as const;

function objectOf(word: string, name: string | undefined): string {
  const named = ({ kind, plural, singular, shortNames }: KindInfo): boolean =>
    [kind.toLowerCase(), plural, singular, ...shortNames].includes(word.toLowerCase());
  const kind = word === 'user' ? 'SipUser' : kinds.find(named)?.kind;
  if (kind === undefined) throw new CommandError(`There is no kind ${word}`, { exitCode: EXIT.usage });
  if (name === undefined) throw new CommandError(`render which ${kind}? Give its name`, { exitCode: EXIT.usage });
  return objectKey(kind, name);
}

const SCHEMAS = new Map(kinds.map(({ kind, schema }) => [kind, schema]));

/** As the operator would make it, with stand-ins for all that is in Secrets, and with the classes that every cluster has. */
function bundleOf({ namespace, objects }: ShownTenant): Pick<Bundle, 'manifest' | 'texts'> {
  const read = objects.flatMap(({ status: _, ...object }) => {
    const result = SCHEMAS.get(object.kind)?.safeParse(object);
    return result?.success ? [result.data as Manifest] : [];
  });
  const tenant = { namespace, objects: read };
  const { bundle } = compile(snapshotOf(tenant, [], claimsAmong([tenant], [])), '1970-01-01T00:00:00.000Z');
  if (!bundle) throw new CommandError(`The Organization of ${namespace} is refused, so there is no PBX`);
  return bundle;
}
