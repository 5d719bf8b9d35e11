import type { Trunk } from '../../../api/index.ts';
import { compare, type Finding } from '../../finding.ts';
import { ipv4Network, type Network, overlap } from '../../networks.ts';

/** The addresses from which calls of a trunk come, and findings about them. */

/** A carrier has no network with a shorter prefix. */
const SHORTEST_PREFIX = 8;
const FIELD = 'spec.inbound.sources';

interface Sources {
  /** IPv4 addresses and networks, each once. */
  readonly networks: readonly string[];
  readonly degradations: readonly Finding[];
  readonly notices: readonly Finding[];
}

/** Sources of a trunk. `authenticates`: calls need a password as well, so that a wide network does no harm. */
export function sourcesOf({ spec }: Trunk, authenticates: boolean): Sources {
  const listed = spec.inbound?.sources ?? [];
  const degradations: Finding[] = [];
  const good = listed.filter(source => {
    const violation = wrongSource(source, authenticates);
    if (violation) degradations.push(violation);
    return !violation;
  });
  const hosts = spec.servers.map(({ host }) => host);
  const names = hosts.filter(host => !ipv4Network(host));
  const unknown = listed.length === 0 && names.length > 0 && !authenticates;
  return {
    networks: [...new Set([...good, ...hosts.filter(host => ipv4Network(host))])],
    degradations,
    notices: unknown ? [sourcesUnknown(names, spec.register?.enabled === true)] : [],
  };
}

function wrongSource(source: string, authenticates: boolean): Finding | undefined {
  const network = ipv4Network(source);
  if (!network) {
    const message = source.includes('::')
      ? `${FIELD}: ${source} is an IPv6 address, and this PBX supports IPv4 only; remove it`
      : `${FIELD}: ${source} is not an IPv4 address or network; write it like 203.0.113.0/24, without a port`;
    return { reason: 'InvalidAddress', field: FIELD, message };
  }
  if (network.bits >= SHORTEST_PREFIX || authenticates) return undefined;
  const message = `${FIELD}: ${source} would let anybody on the Internet call in as this carrier, so it is ignored; list the carrier's own networks (/${SHORTEST_PREFIX} or smaller), or set spec.inbound.auth`;
  return { reason: 'SourcesTooWide', field: FIELD, message };
}

/**
 * The notice for servers that are given by name only. Names are not resolved, because Asterisk would do so while it loads its
 * files: with one name and a dead name server a boot took 20 s, a reload 10 s, and then the whole identify was refused
 * (measured, Asterisk 22.10).
 */
function sourcesUnknown(names: readonly string[], registers: boolean): Finding {
  const known = registers
    ? 'calls of this trunk can only be recognized by the line parameter of its registration, which most carriers do not send back, so'
    : 'calls of this carrier cannot be told from those of others, so';
  const message = `${FIELD}: ${known} calls from the addresses of ${names.join(', ')} get 401. List the networks that the carrier calls from, or set spec.inbound.auth`;
  return { reason: 'SourcesUnknown', field: FIELD, message };
}

/** What matters here about a trunk. */
export interface Sourced {
  readonly name: string;
  readonly networks: readonly string[];
  readonly authenticates: boolean;
}

/** The finding about a trunk that shares addresses with others. */
export interface Overlap {
  readonly violation: Finding;
  /** Its calls are rejected, so that it is a degradation and not a notice. */
  readonly fatal: boolean;
}

interface Place {
  readonly network: Network;
  readonly text: string;
  readonly trunk: Sourced;
}

/** The most trunks that a message names. */
const MAX_NAMED = 3;

/**
 * Findings about trunks that share addresses, by name. Asterisk takes the first matching trunk by id, even if another one has
 * a narrower network (measured, test/calls/facts/trunks.test.ts), and treats the calls of all of them as calls of that one.
 */
export function overlaps(trunks: readonly Sourced[]): ReadonlyMap<string, Overlap> {
  const shared = new Map<Sourced, Map<Sourced, string>>();
  const add = (one: Sourced, other: Sourced, text: string): void => {
    const others = shared.get(one) ?? new Map<Sourced, string>();
    shared.set(one, others);
    if (!others.has(other)) others.set(other, text);
  };
  for (const [wide, narrow] of sharedPlaces(trunks)) {
    add(wide.trunk, narrow.trunk, narrow.text);
    add(narrow.trunk, wide.trunk, narrow.text);
  }
  return new Map([...shared].map(([trunk, others]) => [trunk.name, overlapOf(trunk, others)]));
}

/** Pairs of networks of which one contains the other. Sorted by address, the open ones are those that contain the next. */
function* sharedPlaces(trunks: readonly Sourced[]): Generator<readonly [Place, Place]> {
  const places = trunks.flatMap(trunk =>
    trunk.networks.flatMap(text => {
      const network = ipv4Network(text);
      return network ? [{ network, text, trunk }] : [];
    }),
  );
  places.sort(
    (a, b) =>
      a.network.address - b.network.address ||
      a.network.bits - b.network.bits ||
      compare(a.trunk.name, b.trunk.name) ||
      compare(a.text, b.text),
  );
  let open: Place[] = [];
  for (const place of places) {
    open = open.filter(({ network }) => overlap(network, place.network));
    for (const wider of open) if (wider.trunk !== place.trunk) yield [wider, place];
    open.push(place);
  }
}

function overlapOf(trunk: Sourced, others: ReadonlyMap<Sourced, string>): Overlap {
  const all = [...others].sort(([a], [b]) => compare(a.name, b.name));
  const named = all.slice(0, MAX_NAMED).map(([{ name }, text]) => `Trunk ${name} (${text})`);
  const more = all.length > MAX_NAMED ? ' and others' : '';
  const gate = all.find(([other]) => other.name < trunk.name && other.authenticates)?.[0];
  const asked = gate ? `; Trunk ${gate.name} comes first and asks for the password of its inbound.auth` : '';
  const message = `Addresses of this trunk are also those of ${named.join(', ')}${more}: a call from there is taken for one of the trunk whose name comes first in the alphabet${asked}. Give each a ${FIELD} of its own, or make one trunk of them`;
  return { violation: { reason: 'SourcesOverlap', field: FIELD, message }, fatal: gate !== undefined };
}
