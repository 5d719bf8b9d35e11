import type { TenantSnapshot } from '../snapshot.ts';

/**
 * The version of the dialplan engine (`core/dialplan`) that runs, and what needs a newer one. A pod keeps the engine with
 * which its Asterisk started until it is rolled, while the tenant's data is always the newest: a destination that an older
 * engine does not know would end calls. Until the roll such a destination is rendered with a fallback, and the object
 * reports `EngineOutdated`.
 */
export const ENGINE = 2; // the same number as RF_ENGINE in dialplan/general.conf
/** The engine of agents that do not report a version, which are those of the first release. */
const FIRST = 1;

/**
 * What a tenant's data can ask of the engine, and the first engine that knows it: destination words by kind, anything
 * else by a name of its own. To add something to the engine that data depends on, raise ENGINE and add a line.
 */
export const ENGINE_NEEDS: Readonly<Record<string, number>> = {
  user: 1,
  extension: 1,
  voicemail: 1,
  number: 1,
  hangup: 1,
};

/** For features that an engine lacks, the first engine that has them. A feature that is not in the table needs the newest. */
export function lackingIn(engine: number, requirements = ENGINE_NEEDS): { get(feature: string): number | undefined } {
  return {
    get: feature => {
      const needed = requirements[feature] ?? ENGINE;
      return needed > engine ? needed : undefined;
    },
  };
}

type Known = Pick<TenantSnapshot, 'report' | 'agent' | 'pod' | 'inForce'>;

/** The engine that the PBX reports; undefined: it does not report one, or no Asterisk runs. */
function reportedEngine({ report, agent }: Known): number | undefined {
  if (!report?.observed || agent?.current === false) return undefined;
  return report.version === undefined ? FIRST : report.engine?.version;
}

/** The engine to render for: the one that runs, or last ran in the existing pod, or the one that a new pod will boot. */
export function runningEngine(known: Known): number {
  return reportedEngine(known) ?? recordedEngine(known) ?? FIRST;
}

/** The engine to record, so that a new leader writes the same before the first report; undefined: it is not known. */
export function recordedEngine(known: Known): number | undefined {
  return reportedEngine(known) ?? (known.pod ? known.inForce?.engine : ENGINE);
}
