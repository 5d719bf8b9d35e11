/** Something about a manifest that a person should know, and where it stands. */
export interface Problem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** `SipUser/jane`; absent: the file itself. */
  readonly object?: string;
  /** `spec.extension`; empty: the object itself. */
  readonly field: string;
  /** error: a cluster refuses it, or it does not work. warning: it works, and is hardly meant so. note: good to know. */
  readonly severity: 'error' | 'warning' | 'note';
  /** What kind of problem, as one word: `Yaml`, `UnknownField`, `Invalid`, or the reason that a status would have. */
  readonly rule: string;
  /** What is wrong and what to do; never a value that may be a secret. */
  readonly message: string;
}

const SEVERITIES: readonly Problem['severity'][] = ['error', 'warning', 'note'];

/** By file and line, as an editor shows them. */
export function byPlace(a: Problem, b: Problem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column || SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity);
}
