import { Environment, type ParseResult } from '@marcbachmann/cel-js';
import { childOf, children, isJson, type Rule, type Schema } from './schema.ts';
import { invalidField, type Violation } from './violation.ts';

/** The rules of a schema (`x-kubernetes-validations`), which are in CEL, asked of an object. */
const environment = new Environment({ unlistedVariablesAreDyn: true });
const parsed = new Map<string, ParseResult>();

/** Rules that do not hold, anywhere in the value. Throws a TypeError for a rule that cannot be read or asked. */
export function brokenRules(schema: Schema, value: unknown, path: string): Violation[] {
  const own = (schema['x-kubernetes-validations'] ?? []).filter(rule => !holds(rule, schema, value));
  const found = own.map(({ rule, message, fieldPath = '' }) => invalidField(`${path}${fieldPath}`, message ?? rule));
  for (const [known, member, at] of children(schema, value, path)) found.push(...brokenRules(known, member, at));
  return found;
}

function holds({ rule }: Rule, schema: Schema, self: unknown): boolean {
  try {
    const ask = parsed.get(rule) ?? environment.parse(rule);
    parsed.set(rule, ask);
    return ask({ self: typed(schema, self) }) === true;
  } catch (cause) {
    throw new TypeError(`The rule ${rule} cannot be asked`, { cause });
  }
}

/** JSON has one kind of number, CEL has two. */
function typed(schema: Schema, value: unknown): unknown {
  if (Array.isArray(value)) return value.map(item => typed(schema.items ?? {}, item));
  if (isJson(value))
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, typed(childOf(schema, key) ?? {}, one)]));
  return schema.type === 'integer' && Number.isInteger(value) ? BigInt(value as number) : value;
}
