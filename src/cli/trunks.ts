import { trunksTable } from '../view/rows.ts';
import { tableLines } from '../view/table.ts';
import { ofKind } from '../view/tenant.ts';
import { type ClusterOptions, withCluster } from './frame/cluster-options.ts';
import { examples } from './frame/examples.ts';
import { EXIT } from './frame/failure.ts';
import type { Verb } from './frame/invocation.ts';
import { type OutputOptions, withOutput } from './frame/options.ts';
import { linesOf } from './frame/print.ts';
import { withTenant } from './tenants/source.ts';

/** `trunks`: the trunks of a tenant and whether their carriers answer. */
export const trunks: Verb = (program, invocation, act) => {
  withCluster(withOutput(program.command('trunks').description('list the trunks, and whether their carriers answer')))
    .addHelpText('after', () =>
      examples(invocation.name, [['trunks -n grand-estancia -o wide', 'with what the carrier said last']]),
    )
    .action(
      act(async (options: OutputOptions & ClusterOptions) => {
        const tenant = await withTenant(invocation, options, source => source.read());
        const lines = (wide: boolean): string[] => tableLines(trunksTable(tenant), wide);
        for (const line of linesOf({ value: ofKind(tenant, 'Trunk'), lines }, options.output)) invocation.say(line);
        return EXIT.ok;
      }),
    );
};
