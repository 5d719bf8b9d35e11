import { classes } from './cli/classes.ts';
import { run } from './cli/frame/program.ts';
import { lint } from './cli/lint.ts';
import { operator } from './cli/operator.ts';
import { render } from './cli/render.ts';
import { status } from './cli/status.ts';
import { trunks } from './cli/trunks.ts';
import { uninstallCheck } from './cli/uninstall-check.ts';
import { up } from './cli/up.ts';
import { users } from './cli/users.ts';
import { version } from './cli/version.ts';

/** The command line: its verbs. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0); // who reads has read enough
  throw error;
});
const [, script = '', ...words] = process.argv;
process.exitCode = await run(script, words, [
  status,
  users,
  trunks,
  lint,
  render,
  up,
  version,
  operator,
  classes,
  uninstallCheck,
]);
