import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Places } from './base-files.ts';
import type { AsteriskInstallation, Launch } from './installation.ts';

/** Starts an Asterisk with its configuration; the caller owns the process. */
export function startAsterisk(installation: AsteriskInstallation, places: Places): AsteriskProcess {
  const directories = [...new Set(Object.values(places))];
  return new AsteriskProcess(installation.launch(directories), ['-f', '-C', join(places.config, 'asterisk.conf')]);
}

const SWEEP_LIMIT_MS = 20_000;

/** A running Asterisk. When this process ends, it must not be left running, since it holds the ports. */
export class AsteriskProcess {
  /** The exit code, as soon as Asterisk has ended, even if it is not a child process. */
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #launch: Launch;
  #gone = false;

  constructor(launch: Launch, args: readonly string[]) {
    const [file = '', ...before] = launch.command;
    this.#launch = launch;
    this.#child = spawn(file, [...before, ...args], {
      stdio: 'ignore',
      detached: true, // so that Ctrl-C does not reach Asterisk, which is to be ended after its calls
      env: { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', TZ: process.env['TZ'] ?? 'UTC', ...launch.env },
    });
    process.once('exit', this.#endWithUs);
    this.exited = this.#wait();
  }

  /** Undefined: Asterisk is not a child process, or could not be started. */
  get pid(): number | undefined {
    return this.#launch.sweep ? undefined : this.#child.pid;
  }

  get gone(): boolean {
    return this.#gone;
  }

  terminate(): void {
    this.#child.kill('SIGTERM');
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  readonly #endWithUs = (): void => {
    this.kill();
    const [file, ...args] = this.#launch.sweep ?? [];
    if (file) spawnSync(file, args, { stdio: 'ignore', timeout: SWEEP_LIMIT_MS });
  };

  async #wait(): Promise<number | null> {
    const code = await new Promise<number | null>(resolve => {
      this.#child.once('exit', resolve);
      this.#child.once('error', () => resolve(-1));
    });
    await this.#sweep();
    this.#gone = true;
    process.removeListener('exit', this.#endWithUs);
    return code;
  }

  async #sweep(): Promise<void> {
    const [file, ...args] = this.#launch.sweep ?? [];
    if (!file) return;
    const sweeper = spawn(file, args, { stdio: 'ignore', timeout: SWEEP_LIMIT_MS });
    await once(sweeper, 'exit').catch(() => undefined); // it could not be started; then Asterisk could not be either
  }
}
