import { isWrong, statusLines, statusView } from '../view/status.ts';
import type { Level } from '../view/status-problems.ts';
import { type ClusterOptions, withCluster } from './frame/cluster-options.ts';
import { colour } from './frame/colour.ts';
import { examples } from './frame/examples.ts';
import { EXIT } from './frame/failure.ts';
import type { Verb } from './frame/invocation.ts';
import { type OutputOptions, withOutput } from './frame/options.ts';
import { linesOf } from './frame/print.ts';
import { withTenant } from './tenants/source.ts';

/** `status`: a tenant on one screen, what is wrong first. */
export const status: Verb = (program, invocation, act) => {
  withCluster(withOutput(program.command('status').description('show a tenant on one screen, what is wrong first')))
    .addHelpText(
      'after',
      () => `\nEnds with 0 when nothing is down or wrong, else with 1.\n${examples(invocation.name, EXAMPLES)}`,
    )
    .action(
      act(async (options: OutputOptions & ClusterOptions) => {
        const view = await withTenant(invocation, options, async source => statusView(await source.read()));
        const lines = (wide: boolean): string[] =>
          statusLines(view, wide, (level, text) => colour(COLOURS[level], text));
        const value = { ...view, facts: Object.fromEntries(view.facts) };
        for (const line of linesOf({ value, lines }, options.output)) invocation.say(line);
        return isWrong(view) ? EXIT.wrong : EXIT.ok;
      }),
    );
};

const COLOURS = {
  down: 'red',
  wrong: 'red',
  waiting: 'yellow',
  warning: 'yellow',
  note: 'cyan',
} as const satisfies Record<Level, string>;

const EXAMPLES = [
  ['status -n grand-estancia', 'a tenant of the cluster'],
  ['config/samples/hotel status', 'what the manifests in a directory say, without a cluster'],
  ['status -n grand-estancia -o json', 'for programs'],
] as const;
