/** Inheritance of settings: the nearer layer wins, member by member. Lists and choices are taken whole. */

/** Members that hold a choice, an object with exactly one member: merging two would give one with two members. */
const CHOICES = new Set([
  'onNoAnswer',
  'onBusy',
  'destination',
  'target',
  'unknownNumber',
  'forwardAll',
  'musicOnHold',
]);

export type Settings = { readonly [member: string]: unknown };

function isSettings(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Merges layers, nearest first. An absent or `undefined` member inherits. */
export function inherit(layers: readonly unknown[]): Settings {
  const merged: Record<string, unknown> = {};
  for (const layer of layers) {
    if (!isSettings(layer)) continue;
    for (const [member, value] of Object.entries(layer)) {
      if (value === undefined || (member in merged && !isSettings(merged[member]))) continue;
      if (!(member in merged)) merged[member] = value;
      else if (!CHOICES.has(member)) merged[member] = inherit([merged[member], value]);
    }
  }
  return merged;
}
