import { hash } from 'node:crypto';
import { textForDigest } from '../../api/bundle.ts';
import type { AgentReport } from '../../api/report.ts';
import type { Finding } from '../finding.ts';
import type { Bundle } from '../plan.ts';
import { conditionsOf, type Loaded } from './conditions.ts';

/** Whether the PBX has loaded the bundle, by the agent's report alone. */
export function bundleLoaded(bundle: Bundle, report: AgentReport | undefined): Loaded {
  if (!report) return { yes: false, reason: 'PbxUnavailable', message: 'The PBX pod does not report its state yet' };
  if (report.bundle.loaded === bundle.manifest.generation) {
    return report.ready
      ? { yes: true }
      : { yes: false, reason: 'PbxNotReady', message: 'Asterisk does not answer SIP yet' };
  }
  if (report.bundle.seen === bundle.manifest.generation && report.bundle.error) {
    return {
      yes: false,
      reason: 'LastKnownGood',
      message: `The newest configuration failed, and the PBX runs the last one that worked: ${report.bundle.error}`,
    };
  }
  return { yes: false, reason: 'Loading', message: 'The PBX has not loaded this configuration yet' };
}

/**
 * The same for one object. While a newer bundle is on its way, an object that was loaded and has not changed since stays
 * loaded: the edit of one object must not make all others not ready.
 */
export function objectLoaded(
  loaded: Loaded,
  object: { readonly metadata: { readonly generation?: number | undefined }; readonly status?: unknown },
  report: AgentReport | undefined,
): Loaded {
  if (loaded.yes || !report?.ready || report.bundle.loaded === undefined) return loaded;
  const ready = conditionsOf(object.status).find(({ type }) => type === 'Ready');
  const before = ready?.status === 'True' && ready.observedGeneration === object.metadata.generation;
  return before ? { yes: true } : loaded;
}

/** Findings about objects that the renderer or Asterisk refused, by object key. */
export function rejections(bundle: Bundle | undefined, report: AgentReport | undefined): ReadonlyMap<string, Finding> {
  const found = new Map<string, Finding>();
  if (!bundle) return found;
  const suspects = new Set([...bundle.refused.keys(), ...(report?.quarantined ?? []).map(({ object }) => object)]);
  for (const object of suspects) {
    const violation = rejection(object, bundle, report);
    if (violation) found.set(object, violation);
  }
  return found;
}

/** A refusal by Asterisk counts only while the text of the object is the one that was refused. */
function rejection(object: string, bundle: Bundle, report: AgentReport | undefined): Finding | undefined {
  if (bundle.refused.has(object)) {
    const field = bundle.refused.get(object);
    const message = `${field ?? 'A value of this object'} has characters that Asterisk does not accept; use letters, digits and . _ - + only`;
    return { reason: 'UnsafeValue', message, ...(field === undefined ? {} : { field }) };
  }
  const refused = report?.quarantined.find(one => one.object === object);
  if (!refused || refused.digest !== objectDigest(object, bundle)) return undefined;
  return { reason: 'RejectedByAsterisk', message: `Asterisk refused this object: ${refused.reason}; change its spec` };
}

function objectDigest(object: string, { objects }: Bundle): string {
  return hash('sha256', textForDigest(objects.of(object)));
}
