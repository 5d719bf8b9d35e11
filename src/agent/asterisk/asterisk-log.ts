import { plain } from '../ami/plain.ts';

/**
 * What Asterisk says, from its log of one JSON object a line (`problems` in base-files.ts). Pure.
 *
 * These are explanations: others choose what Asterisk says about their calls and requests. What is true of the
 * configuration is asked; only the words of a throw-away Asterisk, which nobody can reach, are judged by.
 */
export interface Problem {
  readonly isError: boolean;
  /** `pbx_config.c`, without a directory. */
  readonly source: string;
  /** One line, bounded, without controls. */
  readonly words: string;
}

/** A sentence, and not what somebody would fill a condition with. */
const MOST = 300;

/** Lines that are not whole, or are of a call, are left out. */
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
    return {}; // the first or the last one may be cut
  }
}
