import { readFile, stat } from 'node:fs/promises';
import { normalize } from 'node:path';
import { Option } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { lint as lintFiles } from '../lint/lint.ts';
import type { Problem } from '../lint/problem.ts';
import { manifestFiles } from '../standalone/manifest-files.ts';
import { problemLines, summary } from '../view/problems.ts';
import { sarif } from '../view/sarif.ts';
import { colour } from './frame/colour.ts';
import { examples } from './frame/examples.ts';
import { CommandError, EXIT } from './frame/failure.ts';
import type { Invocation, Verb } from './frame/invocation.ts';

/** `lint`: what a cluster would refuse of manifests, and what would not work, without a cluster. */
interface LintOptions {
  readonly output: 'text' | 'json' | 'sarif';
  readonly strict?: boolean;
  readonly quiet?: boolean;
}

export const lint: Verb = (program, invocation, act) => {
  program
    .command('lint')
    .description('say what a cluster would refuse of manifests, and what would not work; needs no cluster')
    .argument('[paths...]', 'directories and files of manifests', invocation.directory)
    .addOption(
      new Option('-o, --output <format>', 'form of the answer').choices(['text', 'json', 'sarif']).default('text'),
    )
    .option('--strict', 'warnings count as errors')
    .option('-q, --quiet', 'say nothing of what is only good to know')
    .addHelpText(
      'after',
      () => `\nEnds with 0 when there is no error, 1 when there is one.\n${examples(invocation.name, EXAMPLES)}`,
    )
    .action(
      act((paths: string | readonly string[] | undefined, options: LintOptions) =>
        run(typeof paths === 'string' ? [paths] : (paths ?? []), options, invocation),
      ),
    );
};

const EXAMPLES = [
  ['lint config/samples/hotel', 'a tenant in a directory'],
  ['lint --strict users.yaml trunk.yaml', 'two files, before a commit'],
  ['lint -o sarif . > ringfleet.sarif', 'for the annotations of a code host'],
] as const;

async function run(
  paths: readonly string[],
  { output, strict, quiet }: LintOptions,
  { say, note }: Invocation,
): Promise<number> {
  if (paths.length === 0) throw new CommandError('lint what? Name directories or files', { exitCode: EXIT.usage });
  const names = [...new Set((await Promise.all(paths.map(filesOf))).flat())];
  const files = await Promise.all(names.map(async path => ({ path, text: await readFile(path, 'utf8') })));
  const problems = lintFiles(files).filter(({ severity }) => !quiet || severity !== 'note');
  if (output === 'json') say(JSON.stringify(problems, undefined, 2));
  else if (output === 'sarif') say(JSON.stringify(sarif(problems, manifest.version), undefined, 2));
  else for (const line of problemLines(problems, (severity, text) => colour(COLOURS[severity], text))) say(line);
  if (output === 'text') note(summary(problems, files.length));
  return problems.some(({ severity }) => severity === 'error' || (strict && severity === 'warning'))
    ? EXIT.wrong
    : EXIT.ok;
}

const COLOURS: Readonly<Record<Problem['severity'], 'red' | 'yellow' | 'cyan'>> = {
  error: 'red',
  warning: 'yellow',
  note: 'cyan',
};

async function filesOf(path: string): Promise<string[]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new CommandError(`${path} cannot be read`, { exitCode: EXIT.usage, cause });
  });
  return found.isDirectory() ? manifestFiles(normalize(path)) : [path];
}
