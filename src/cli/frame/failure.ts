import { KubeError } from '../../kube/errors.ts';

/** How a verb ends. Scripts rely on these numbers. */
export const EXIT = {
  ok: 0,
  /** It was done, and what it looked at is wrong, or differs. */
  wrong: 1,
  /** The command line is wrong. */
  usage: 2,
  /** It could not be done: no cluster, no right, no such object. */
  failed: 3,
} as const;

/** What a person did not expect; `message` says what and `remedy` what to do. Neither has a secret in it. */
export class CommandError extends Error {
  readonly exitCode: number;
  readonly remedy: string | undefined;

  constructor(message: string, options: ErrorOptions & { exitCode?: number; remedy?: string } = {}) {
    super(message, options);
    this.name = 'CommandError';
    this.exitCode = options.exitCode ?? EXIT.failed;
    this.remedy = options.remedy;
  }
}

/** Words for a person of whatever ended a verb, and the exit code. */
export function failureOf(error: unknown): { readonly lines: readonly string[]; readonly exitCode: number } {
  if (error instanceof CommandError) {
    const { message, remedy, exitCode } = error;
    return { lines: [`error: ${message}`, ...(remedy === undefined ? [] : [remedy])], exitCode };
  }
  if (error instanceof KubeError) return { lines: [`error: ${wordsOf(error)}`], exitCode: EXIT.failed };
  return { lines: [`error: ${error instanceof Error ? error.message : String(error)}`], exitCode: EXIT.failed };
}

function wordsOf(error: KubeError): string {
  if (error.code === 0) return `${error.message}. Is the kubeconfig the right one (--kubeconfig, --context)?`;
  if (error.code === 401) return 'The API server does not know who you are: log in, or choose another --context';
  if (error.code === 404 && error.message.includes('could not find the requested resource'))
    return 'This cluster does not have the kinds of Ringfleet: install its CRDs first';
  return error.message;
}
