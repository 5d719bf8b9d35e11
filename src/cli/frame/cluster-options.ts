import type { Command } from 'commander';
import type { KubeconfigChoice } from '../../kube/credentials.ts';
import { CommandError, EXIT } from './failure.ts';
import type { Invocation } from './invocation.ts';

/** Which cluster is meant, under the names that kubectl gives them. */
export interface ClusterOptions {
  readonly namespace?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly user?: string;
  readonly as?: string;
  readonly asGroup?: readonly string[];
}

/** Where the tenant is: options of a verb that reads a cluster. */
export function withCluster(command: Command): Command {
  return command
    .option('-n, --namespace <name>', 'namespace of the tenant (default: that of the context)')
    .option('--kubeconfig <file>', 'kubeconfig to use (default: as kubectl finds it)')
    .option('--context <name>', 'context of the kubeconfig')
    .option('--cluster <name>', 'cluster of the kubeconfig')
    .option('--user <name>', 'user of the kubeconfig')
    .option('--as <user>', 'act as this user')
    .option(
      '--as-group <group>',
      'act as a member of this group; may be repeated',
      (one: string, all: string[] = []) => [...all, one],
    );
}

/** What of the kubeconfig is meant. */
export function choiceOf(options: ClusterOptions): KubeconfigChoice {
  const { kubeconfig, context, cluster, user, as, asGroup } = options;
  if (asGroup && as === undefined) throw new CommandError('--as-group needs --as', { exitCode: EXIT.usage });
  return {
    ...(kubeconfig === undefined ? {} : { file: kubeconfig }),
    ...(context === undefined ? {} : { context }),
    ...(cluster === undefined ? {} : { cluster }),
    ...(user === undefined ? {} : { user }),
    ...(as === undefined ? {} : { as }),
    ...(asGroup === undefined ? {} : { asGroups: asGroup }),
  };
}

const OF_A_CLUSTER = ['kubeconfig', 'context', 'cluster', 'user', 'as', 'asGroup'] as const;

/** A directory has no cluster: who gives both means one of them, and it is not known which. */
export function refuseBoth({ directory }: Invocation, options: ClusterOptions): void {
  const given = OF_A_CLUSTER.find(name => options[name] !== undefined);
  if (directory === undefined || given === undefined) return;
  const option = given === 'asGroup' ? 'as-group' : given;
  throw new CommandError(`--${option} is of a cluster, and ${directory} is a directory: give one of them`, {
    exitCode: EXIT.usage,
  });
}
