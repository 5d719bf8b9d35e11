import type { Problem } from '../lint/problem.ts';
import { plain } from './table.ts';

/** Problems for people: a line each, as compilers write them, so that editors and terminals find the place. */
export function problemLines(problems: readonly Problem[], paint: Paint = same): string[] {
  return problems.map(({ file, line, column, object, field, severity, rule, message }) => {
    const what = [object, field].filter(Boolean).join(' ');
    return `${plain(file)}:${line}:${column}: ${paint(severity, severity)}: ${plain(what ? `${what}: ` : '')}${plain(message)} [${rule}]`;
  });
}

export type Paint = (severity: Problem['severity'], text: string) => string;
const same: Paint = (_, text) => text;

/** `3 errors, 1 warning in 12 files`. */
export function summary(problems: readonly Problem[], files: number): string {
  const count = (severity: Problem['severity']): number => problems.filter(one => one.severity === severity).length;
  const said = (['error', 'warning', 'note'] as const).flatMap(severity => {
    const many = count(severity);
    return many === 0 ? [] : [`${many} ${severity}${many === 1 ? '' : 's'}`];
  });
  return `${said.join(', ') || 'nothing wrong'} in ${files} file${files === 1 ? '' : 's'}`;
}
