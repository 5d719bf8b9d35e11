import { MOST_SETTINGS, OPEN_SETTINGS, SECRET_SETTINGS, type SettingsKey } from '../api/bundle.ts';

/** The settings do not fit into the objects that carry them. Each concern must bound what users can put into its settings. */
class SettingsTooLargeError extends Error {
  constructor(key: SettingsKey, length: number) {
    super(`The settings of the agent in ${key} have ${length} bytes, and ${MOST_SETTINGS} fit`);
    this.name = 'SettingsTooLargeError';
  }
}

/** Collects settings of the agent (not of Asterisk) by concern, and makes files of them. */
export class SettingsWriter {
  readonly #files = new Map<SettingsKey, Map<string, unknown>>();

  /**
   * Sets what a concern of the agent (webhooks, mail) has to know: plain data, one value for each concern and file. Secrets
   * go into a file of their own, under the same concern.
   */
  write(concern: string, value: unknown, { secret = false } = {}): void {
    const key = secret ? SECRET_SETTINGS : OPEN_SETTINGS;
    const file = this.#files.get(key) ?? new Map<string, unknown>();
    this.#files.set(key, file.set(concern, value));
  }

  /** The files as JSON; a file without settings is absent. The order of the calls to `write` does not change a byte. */
  seal(): ReadonlyMap<SettingsKey, string> {
    const sealed = new Map<SettingsKey, string>();
    for (const key of [OPEN_SETTINGS, SECRET_SETTINGS]) {
      const file = this.#files.get(key);
      if (!file) continue;
      const text = JSON.stringify(Object.fromEntries([...file].sort(([a], [b]) => (a < b ? -1 : 1))));
      const { length } = Buffer.from(text);
      if (length > MOST_SETTINGS) throw new SettingsTooLargeError(key, length);
      sealed.set(key, text);
    }
    return sealed;
  }
}
