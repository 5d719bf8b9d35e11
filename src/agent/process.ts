import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { AsteriskInstallation } from './installation.ts';

/** Starts an Asterisk with a configuration directory; the caller owns the process. */
export function startAsterisk(installation: AsteriskInstallation, configDir: string): ChildProcess {
  const [file = '', ...args] = installation.command;
  const child = spawn(file, [...args, '-f', '-C', join(configDir, 'asterisk.conf')], {
    stdio: 'ignore',
    detached: true, // a Ctrl-C at the terminal is for us; Asterisk is ended by us, after its calls
    env: { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', TZ: process.env['TZ'] ?? 'UTC' },
  });
  // Whatever ends us must not leave an Asterisk behind that holds the ports.
  const endWithUs = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', endWithUs);
  child.once('exit', () => process.removeListener('exit', endWithUs));
  return child;
}

/** Resolves with the exit code when the process is gone. */
export function exited(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise(resolve => {
    child.once('exit', code => resolve(code));
    child.once('error', () => resolve(-1));
  });
}
