import { plain } from '../ami/plain.ts';

/**
 * Parses Asterisk's log, which has one JSON object in a line (`problems` in base-files.ts). Pure.
 *
 * The messages of a live Asterisk are only explanations, because callers choose parts of them. What Asterisk has loaded is
 * found out by asking it. Only the messages of a throw-away Asterisk, which nobody can reach, decide anything.
 */
export interface Problem {
  readonly isError: boolean;
  /** Source file without a directory, such as `pbx_config.c`. */
  readonly source: string;
  /** The message: one line of bounded length without control characters. */
  readonly words: string;
}

/** Longest message: enough for a sentence, and too little to flood a condition. */
const MOST = 300;

/** The messages of a log. Incomplete lines, and those that belong to a call, are left out. */
export function problems(log: string): Problem[] {
  return log.split('\n').flatMap(line => {
    const { identifiers, logmsg } = parsed(line);
    const source = logmsg?.location?.filename;
    const words = logmsg?.message;
    if (identifiers?.callid !== '' || typeof source !== 'string' || typeof words !== 'string') return [];
    return [{ isError: logmsg?.level === 'ERROR', source: source.split('/').pop() ?? '', words: plain(words, MOST) }];
  });
}

interface Line {
  readonly identifiers?: { readonly callid?: unknown } | null;
  readonly logmsg?: {
    readonly level?: unknown;
    readonly message?: unknown;
    readonly location?: { readonly filename?: unknown } | null;
  } | null;
}

function parsed(line: string): Line {
  if (!line.startsWith('{')) return {};
  try {
    return JSON.parse(line) as Line;
  } catch {
    return {}; // the first and the last line may be incomplete
  }
}
