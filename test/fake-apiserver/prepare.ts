import { metadataViolations } from '../../src/lint/metadata.ts';
import { fillDefaults, prune } from '../../src/lint/schema.ts';
import { violations } from '../../src/lint/structure.ts';
import { type Cause, invalid } from './answers.ts';
import { builtinDefaults } from './builtin-defaults.ts';
import { builtinViolations, decodingProblem, TOP_LEVEL } from './builtin-rules.ts';
import type { Kind } from './kinds.ts';
import type { Obj } from './object.ts';

/** Prunes in place; returns the fields that nobody knows. */
export function strictProblems(kind: Kind, object: Obj): string[] {
  const { metadata, ...rest } = object;
  if (!kind.schema) {
    const known = [...(TOP_LEVEL[kind.kind] ?? ['spec', 'status']), 'apiVersion', 'kind'];
    const unknown = Object.keys(rest).filter(key => !known.includes(key));
    for (const key of unknown) delete object[key];
    return unknown;
  }
  const unknown = prune(kind.schema, rest);
  for (const key of Object.keys(object)) if (key !== 'metadata' && !(key in rest)) delete object[key];
  object.metadata = metadata;
  return unknown;
}

/** Why server-side apply cannot even read it: it checks names and types before anything else. */
export function untyped(kind: Kind, body: Obj): string | undefined {
  const unknown = strictProblems(kind, structuredClone(body)).map(at => `.${at}: field not declared in schema`);
  const wrong = kind.schema ? violations(kind.schema, body).filter(({ reason }) => reason === WRONG_TYPE) : [];
  const said = [...unknown, ...wrong.map(({ field, message }) => `.${field}: ${message}`)];
  return said.length > 0 ? said.join(', ') : undefined;
}

const WRONG_TYPE = 'FieldValueTypeInvalid';

/** Fills in defaults and refuses what the real server would. */
export function admit(kind: Kind, object: Obj, before: Obj | undefined): void {
  const { name } = object.metadata;
  const problem = kind.schema ? undefined : decodingProblem(object);
  if (problem) throw problem;
  if (kind.schema) fillDefaults(kind.schema, object);
  else builtinDefaults(object, before);
  const causes: Cause[] = metadataViolations(object);
  const { managedFields: _, ...metadata } = object.metadata;
  if (kind.schema) causes.push(...violations(kind.schema, { ...object, metadata }));
  else causes.push(...builtinViolations(object, before));
  if (causes.length > 0) throw invalid(kind, name, causes);
}
