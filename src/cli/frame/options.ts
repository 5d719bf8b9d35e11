import { type Command, Option } from 'commander';

/** The form of an answer, under the names that kubectl gives them. */
export type Format = 'table' | 'wide' | 'json' | 'yaml';

export interface OutputOptions {
  readonly output: Format;
}

export function withOutput(command: Command): Command {
  return command.addOption(
    new Option('-o, --output <format>', 'form of the answer')
      .choices(['table', 'wide', 'json', 'yaml'])
      .default('table'),
  );
}
