import { MOST_SETTINGS, OPEN_SETTINGS, SECRET_SETTINGS, type SettingsKey } from '../api/bundle.ts';

/** More than what fits into the objects that carry it. Whoever writes a setting bounds what users may have in it. */
class SettingsTooLargeError extends Error {
  constructor(key: SettingsKey, length: number) {
    super(`The settings of the agent in ${key} have ${length} bytes, and ${MOST_SETTINGS} fit`);
    this.name = 'SettingsTooLargeError';
  }
}

/** Collects what the agent has to know that is nothing of Asterisk's, by concern, and makes files of it. */
export class SettingsWriter {
  readonly #files = new Map<SettingsKey, Map<string, unknown>>();

  /**
   * What a concern of the agent (webhooks, mail) has to know. Its secrets are written apart, under the same concern.
   * Each has one value in each file, and it is plain data.
   */
  write(concern: string, value: unknown, { secret = false } = {}): void {
    const key = secret ? SECRET_SETTINGS : OPEN_SETTINGS;
    const file = this.#files.get(key) ?? new Map<string, unknown>();
    this.#files.set(key, file.set(concern, value));
  }

  /** JSON by file; no file without anything in it. Same settings, same bytes, whatever was written first. */
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
