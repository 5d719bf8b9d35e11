import type { TenantSnapshot } from '../snapshot.ts';

/**
 * Which engine runs (`core/dialplan`), and what needs a newer one. A pod has the engine with which its Asterisk started until
 * it is rolled, while the tenant's data is always the newest: a destination that an older engine does not know would end
 * calls. So what asks for too much is rendered with a fallback and said (`EngineOutdated`), until the roll.
 */
export const ENGINE = 2; // as RF_ENGINE in dialplan/general.conf says it to Asterisk
/** Agents of the first release did not say which engine runs; all that was there then it knows. */
const FIRST = 1;

/**
 * What a tenant's data can ask of the engine, and the first engine that knows it: destination words by kind, anything
 * else by a name of its own. Who adds to the engine what data leans on raises ENGINE and adds a line.
 */
export const ENGINE_NEEDS: Readonly<Record<string, number>> = {
  user: 1,
  extension: 1,
  voicemail: 1,
  number: 1,
  hangup: 1,
};

/** Of features that an engine does not have, the first engine that does; one that is not in the table needs the newest. */
export function lackingIn(engine: number, requirements = ENGINE_NEEDS): { get(feature: string): number | undefined } {
  return {
    get: feature => {
      const needed = requirements[feature] ?? ENGINE;
      return needed > engine ? needed : undefined;
    },
  };
}

type Known = Pick<TenantSnapshot, 'report' | 'agent' | 'pod' | 'inForce'>;

/** The engine that the PBX runs by its own words; undefined: it does not say, or no Asterisk runs. */
function heardEngine({ report, agent }: Known): number | undefined {
  if (!report?.observed || agent?.current === false) return undefined;
  return report.version === undefined ? FIRST : report.engine?.version;
}

/** The engine to write for: the one that runs, or last ran in the pod that is there, or the one that a new pod boots. */
export function runningEngine(known: Known): number {
  return heardEngine(known) ?? rememberedEngine(known) ?? FIRST;
}

/** What to remember of it, so that whoever has not heard the PBX yet writes the same; undefined: nothing is known. */
export function rememberedEngine(known: Known): number | undefined {
  return heardEngine(known) ?? (known.pod ? known.inForce?.engine : ENGINE);
}
