/**
 * Quantities in the canonical form of the API server (`Quantity.String` of apimachinery), so that our manifests equal their
 * live versions. A text that is no quantity stays as it is; the server will reject it.
 */
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'] as const;
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;
const NANO = 1_000_000_000n;
const FORM = /^([+-]?)(\d*)(?:\.(\d*))?(?:([eE][+-]?\d{1,2})|([numkMGTPE]|[KMGTPE]i)?)$/;

export function canonicalQuantity(value: string | number): string {
  const text = String(value);
  const [, sign = '', whole = '', fraction = '', exponent, unit = ''] = FORM.exec(text) ?? [];
  if (!/\d/.test(whole + fraction)) return text;
  const amount = nanos(whole, fraction, exponent, unit);
  if (amount === 0n) return '0';
  const isBinary = unit.endsWith('i') && amount >= 1024n * NANO && amount % NANO === 0n;
  const minus = sign === '-' ? '-' : '';
  if (isBinary) return minus + binary(amount / NANO);
  return minus + decimal(amount, exponent !== undefined);
}

/** In units of 10⁻⁹, rounded up as the server does. */
function nanos(whole: string, fraction: string, exponent: string | undefined, unit: string): bigint {
  const digits = BigInt(whole + fraction);
  if (unit.endsWith('i')) {
    const factor = 1024n ** BigInt(BINARY.indexOf(unit as (typeof BINARY)[number])) * NANO;
    return dividedUp(digits * factor, 10n ** BigInt(fraction.length));
  }
  const power = exponent ? Number(exponent.slice(1)) : 3 * (DECIMAL.indexOf(unit as (typeof DECIMAL)[number]) - 3);
  const shift = power + 9 - fraction.length;
  return shift >= 0 ? digits * 10n ** BigInt(shift) : dividedUp(digits, 10n ** BigInt(-shift));
}

function dividedUp(amount: bigint, by: bigint): bigint {
  return (amount + by - 1n) / by;
}

function binary(amount: bigint): string {
  let rest = amount;
  let step = 0;
  while (rest % 1024n === 0n && step < BINARY.length - 1) {
    rest /= 1024n;
    step++;
  }
  return `${rest}${BINARY[step]}`;
}

function decimal(amount: bigint, asExponent: boolean): string {
  let rest = amount;
  let step = 0;
  while (rest % 1000n === 0n && step < DECIMAL.length - 1) {
    rest /= 1000n;
    step++;
  }
  const power = 3 * (step - 3);
  if (asExponent) return power === 0 ? `${rest}` : `${rest}e${power}`;
  return `${rest}${DECIMAL[step]}`;
}

/** `requests` and `limits` of a container or of a PersistentVolumeClaim. */
export function canonicalResources(resources: unknown): unknown {
  if (typeof resources !== 'object' || resources === null) return resources;
  return Object.fromEntries(
    Object.entries(resources).map(([member, amounts]) => [
      member,
      member === 'requests' || member === 'limits' ? canonicalAmounts(amounts) : amounts,
    ]),
  );
}

export function canonicalAmounts(amounts: unknown): unknown {
  if (typeof amounts !== 'object' || amounts === null) return amounts;
  return Object.fromEntries(
    Object.entries(amounts).map(([name, amount]) => [
      name,
      typeof amount === 'string' || typeof amount === 'number' ? canonicalQuantity(amount) : amount,
    ]),
  );
}
