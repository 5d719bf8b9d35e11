import manifest from '../../package.json' with { type: 'json' };
import { API_VERSION } from '../core/names.ts';
import { EXIT } from './frame/failure.ts';
import type { Verb } from './frame/invocation.ts';
import { type OutputOptions, withOutput } from './frame/options.ts';
import { linesOf } from './frame/print.ts';

/** `version`: of this program, and of the API that it knows. */
export const version: Verb = (program, { say }, act) => {
  withOutput(program.command('version').description('version of this program')).action(
    act(({ output }: OutputOptions) => {
      const value = { version: manifest.version, apiVersion: API_VERSION, node: process.version };
      const lines = (): string[] => [`ringfleet ${value.version} (${value.apiVersion}, Node ${value.node})`];
      for (const line of linesOf({ value, lines }, output)) say(line);
      return EXIT.ok;
    }),
  );
};
