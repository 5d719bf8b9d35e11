import type { AgentReport } from '../../api/report.ts';
import type { Clock } from '../../runtime/clock.ts';
import { runAll } from '../../runtime/concurrency.ts';
import type { Logger } from '../../runtime/log.ts';
import { Notifier } from '../../runtime/notifier.ts';
import { reload } from '../ami/actions.ts';
import type { AmiAddress, AmiClient, AmiMessage } from '../ami/client.ts';
import { listen } from '../ami/listen.ts';
import { loginOf } from '../ami/logins.ts';
import { ACL_FILE, guardian, NO_BANS } from '../asterisk/base-files.ts';
import type { AclFiles } from './acl-files.ts';
import { type Ban, type BanLimits, Bans } from './bans.ts';
import { sparedSources } from './spared.ts';

/**
 * Bans addresses that guess passwords: listens to failed logins, and has Asterisk answer 403 to every request of a banned
 * address before anything else is done with it (res_pjsip_acl). A change of bans reloads one small file, in a few
 * milliseconds whatever else is configured, and ends no call, registration or connection (test/calls/facts/bans.test.ts).
 *
 * Bans are not kept on disk: an agent that starts has none.
 */
export interface GuardOptions {
  readonly files: AclFiles;
  readonly limits?: Partial<BanLimits> | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly agent: {
    readonly client: Pick<AmiClient, 'action'> | undefined;
    readonly metrics: { banned(count: number): void };
    report(): Pick<AgentReport, 'contacts'>;
  };
}

/** Least time between two reloads; bans that come meanwhile share one. */
const PAUSE_MS = 1_000;
/** Interval in which bans are decided anew, so that a carrier that was banned before its trunk was created gets in. */
const LOOK_AGAIN_MS = 15_000;
const RELOAD_DEADLINE_MS = 10_000;

export class Guard {
  readonly #options: GuardOptions;
  readonly #bans: Bans;
  readonly #notifier = new Notifier();
  readonly #listeners = new Set<(ban: Ban) => void>();
  /** The text that Asterisk has loaded. */
  #loaded: string | undefined;
  /** Bans that are not in force yet; listeners are notified when they are. */
  #pendingBans: readonly Ban[] = [];
  #warned = false;

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#bans = new Bans(options.limits);
  }

  /** Called once a ban is in force. */
  onBan(listener: (ban: Ban) => void): void {
    this.#listeners.add(listener);
  }

  list(): { source: string; secondsLeft: number; failures: number }[] {
    const now = this.#options.clock.monotonic();
    const left = (untilMs: number): number => Math.ceil((untilMs - now) / 1000);
    return this.#bans
      .list(now)
      .map(({ source, untilMs, failures }) => ({ source, secondsLeft: left(untilMs), failures }));
  }

  /** Lifts a ban. False: there is none. */
  lift(source: string): boolean {
    const lifted = this.#bans.lift(source);
    if (lifted) this.#notifier.notify();
    return lifted;
  }

  async run(address: AmiAddress, signal: AbortSignal): Promise<void> {
    const manager = { ...address, username: guardian(address.username) };
    await runAll(signal, [
      both => this.enforce(both),
      both => listen(manager, event => this.note(event), this.#options.clock, both),
    ]);
  }

  /** Takes in an event of the manager. Most are not about logins. */
  note(event: AmiMessage): void {
    const login = loginOf(event);
    const now = this.#options.clock.monotonic();
    if (login?.ok) this.#bans.loggedIn(login.source, now);
    else if (login && this.#bans.failed(login.source, login.account, now)) this.#notifier.notify();
  }

  /** Keeps the bans in Asterisk up to date until the signal. */
  async enforce(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    for (;;) {
      const pause = await this.#settle().catch((error: unknown) => {
        log.warn({ err: error }, 'Failed to tell Asterisk whom to refuse, trying again');
        return LOOK_AGAIN_MS;
      });
      await clock.sleep(PAUSE_MS, signal);
      await this.#notifier.wait(Math.max(0, pause - PAUSE_MS), clock, signal);
    }
  }

  /** Brings the bans into force. Returns the milliseconds until the next change or look. */
  async #settle(): Promise<number> {
    const { files, clock, log, agent } = this.#options;
    const isSpared = sparedSources(await files.read('pjsip_identify.conf'), agent.report().contacts);
    const { bans, banned, spared } = this.#bans.settle(clock.monotonic(), isSpared);
    for (const { source, failures } of spared)
      log.warn({ source, failures }, 'Saw logins fail at an address that is not refused: others log in from there');
    this.#pendingBans = [...this.#pendingBans, ...banned].filter(ban => bans.includes(ban));
    const text = bans.length === 0 ? NO_BANS : aclOf(bans);
    if (text !== this.#loaded) {
      await files.write(text);
      const asterisk = agent.client;
      if (!asterisk) return PAUSE_MS; // an Asterisk that starts reads the file by itself
      if (!(await this.#load(asterisk))) return LOOK_AGAIN_MS;
      this.#loaded = text;
    }
    agent.metrics.banned(bans.length);
    this.#notify();
    const left = (bans[0]?.untilMs ?? Number.POSITIVE_INFINITY) - clock.monotonic();
    return Math.min(Math.max(left, 0), LOOK_AGAIN_MS);
  }

  /** Has Asterisk load the file. False: its configuration has no place for bans, since it is of an earlier release. */
  async #load(asterisk: Pick<AmiClient, 'action'>): Promise<boolean> {
    const { files, log } = this.#options;
    if (!(await files.read('sorcery.conf')).includes(ACL_FILE)) {
      const isNews = this.#pendingBans.length > 0 && !this.#warned;
      if (isNews) log.warn('Refused nobody who guesses passwords: this Asterisk can do that after its next restart');
      this.#warned ||= isNews;
      return false;
    }
    await files.touch();
    await reload(asterisk, 'acl', RELOAD_DEADLINE_MS);
    return true;
  }

  #notify(): void {
    const inForce = this.#pendingBans;
    this.#pendingBans = [];
    for (const ban of inForce) {
      const { source, lastsMs, failures } = ban;
      this.#options.log.warn({ source, seconds: lastsMs / 1000, failures }, 'Refused an address for a while');
      for (const listener of this.#listeners) listener(ban);
    }
  }
}

function aclOf(bans: readonly Ban[]): string {
  return `[banned]\ntype=acl\n${bans.map(({ source }) => `deny=${source}/32\n`).join('')}`;
}

/** A message for users, such as `198.51.100.7 is refused for 4 minutes: 60 failed logins`. */
export function banWords({ source, lastsMs, failures }: Ban): string {
  const seconds = Math.round(lastsMs / 1000);
  const [count, unit] = seconds < 60 ? [seconds, 'second'] : [Math.round(seconds / 60), 'minute'];
  return `${source} is refused for ${count} ${unit}${count === 1 ? '' : 's'}: ${failures} failed logins`;
}
