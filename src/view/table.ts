/** Rows for people, in columns. */
export interface Table {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly string[])[];
}

interface TableColumn {
  readonly name: string;
  /** Only with `-o wide`. */
  readonly wide?: boolean;
}

const GAP = '   ';

/**
 * The lines of a table, as kubectl writes them. Control characters are taken out: names and reasons were written by
 * others, and a terminal obeys them.
 */
export function tableLines({ columns, rows }: Table, wide = false): string[] {
  const shown = columns.flatMap(({ wide: only }, at) => (only && !wide ? [] : [at]));
  const header = columns.map(({ name }) => name);
  const cells = [header, ...rows].map(row => shown.map(at => plain(row[at] ?? '')));
  const widths = shown.map((_, at) => Math.max(...cells.map(row => [...(row[at] ?? '')].length)));
  return cells.map(row =>
    row
      .map((cell, at) => cell + ' '.repeat((widths[at] ?? 0) - [...cell].length))
      .join(GAP)
      .trimEnd(),
  );
}

/** One line without anything that a terminal would obey. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}
