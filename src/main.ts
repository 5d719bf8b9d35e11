import { Command } from 'commander';
import { classes } from './cli/classes.ts';
import { type OperatorCliOptions, operator } from './cli/operator.ts';
import { type UninstallCheckCliOptions, uninstallCheck } from './cli/uninstall-check.ts';
import { type UpOptions, up } from './cli/up.ts';

/** The command line: parse, wire, run. */
const program = new Command('ringfleet').description('Telephone systems from Kubernetes resources');

program
  .command('up')
  .description('run the telephone system of a directory of manifests on this machine')
  .argument('<directory>', 'directory with Organization, SipUser, Trunk, PhoneNumber … manifests')
  .option('--demo', 'start two phones, let one call the other, check that each hears the other, exit 0 or 1')
  .option('--qr [user]', 'show a QR code for each user, or for one')
  .option('--address <address>', 'IP address that phones use (default: the first one of this machine)')
  .option('--port <port>', 'SIP port', '5060')
  .action(async (directory: string, options: UpOptions) => {
    process.exitCode = await up(directory, options);
  });

program
  .command('operator')
  .description('turn the Organizations of a cluster into running telephone systems')
  .option('--namespace <name>', 'namespace of the operator itself', process.env['POD_NAMESPACE'] ?? 'ringfleet-system')
  .option('--image <image>', 'container image of PBX pods', process.env['RINGFLEET_PBX_IMAGE'] ?? '')
  .option('--port <port>', 'port for health checks and metrics', '8080')
  .option('--cluster-cidrs <list>', 'networks that PBX pods must not reach, separated by commas', apiServerCidr())
  .option('--watch-namespaces <list>', 'namespaces of the tenants to manage, separated by commas (default: all)', '')
  .action(async (options: OperatorCliOptions) => {
    process.exit(await operator(options));
  });

program
  .command('classes')
  .description('apply the built-in OrganizationClasses to a cluster; one that was edited is left as it is')
  .action(async () => {
    process.exit(await classes());
  });

program
  .command('uninstall-check')
  .description(
    'refuse, exiting 1, when the tenant of a namespace is in use: what charts/tenant does before it is uninstalled',
  )
  .requiredOption('--namespace <name>', "the tenant's namespace")
  .requiredOption('--release <name>', 'the release of Helm, for the advice')
  .requiredOption('--release-namespace <name>', "the release's namespace, for the advice")
  .requiredOption('--revision <number>', "the release's revision, for the advice")
  .action(async (options: UninstallCheckCliOptions) => {
    process.exit(await uninstallCheck(options));
  });

await program.parseAsync();

/** By default PBX pods are only kept from the API server: its Service here, its own addresses in network-policy.ts. */
function apiServerCidr(): string {
  const host = process.env['KUBERNETES_SERVICE_HOST'] ?? '';
  return /^[0-9.]+$/.test(host) ? `${host}/32` : '';
}
