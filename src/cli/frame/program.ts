import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import tab from '@bomb.sh/tab/commander';
import { Command, CommanderError } from 'commander';
import { examples } from './examples.ts';
import { CommandError, EXIT, failureOf } from './failure.ts';
import type { Act, Invocation, Verb } from './invocation.ts';
import { arrange } from './words.ts';

/** Runs the command line with its verbs; resolves to the exit code. */
export async function run(script: string, words: readonly string[], verbs: readonly Verb[]): Promise<number> {
  const executable =
    basename(script).replace(/\.[cm]?[jt]s$/, '') === 'kubectl-ringfleet' ? 'kubectl-ringfleet' : 'ringfleet';
  const name = executable.replace('-', ' ');
  const { directory, rest } = arranged(words, executable, verbs);
  const stop = new AbortController();
  const invocation: Invocation = {
    name,
    ...(directory === undefined ? {} : { directory }),
    signal: stop.signal,
    say: line => void process.stdout.write(`${line}\n`),
    note: line => void process.stderr.write(`${line}\n`),
  };
  let exitCode: number = EXIT.ok;
  const act: Act =
    action =>
    async (...given) => {
      exitCode = await action(...given);
    };
  const program = programOf(executable, verbs, invocation, act);
  program.name(name);
  try {
    if (directory !== undefined && !(await isDirectory(directory)))
      throw new CommandError(`${directory} is neither a verb nor a directory`, {
        exitCode: EXIT.usage,
        remedy: `${name} --help lists the verbs`,
      });
    await program.parseAsync(rest, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const failure = failureOf(error);
    for (const line of failure.lines) invocation.note(line);
    return failure.exitCode;
  } finally {
    stop.abort(new Error('Done'));
  }
}

async function isDirectory(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() === true;
}

/** `name` is what completion scripts call. */
function programOf(name: string, verbs: readonly Verb[], invocation: Invocation, act: Act): Command {
  const program = new Command(name)
    .description('Telephone systems from Kubernetes resources')
    .exitOverride()
    .showHelpAfterError(`(--help says more)`)
    .addHelpText('after', () => examples(invocation.name, OVERVIEW));
  program.helpCommand('help [verb]', 'what a verb does');
  for (const verb of verbs) verb(program, invocation, act);
  tab(program, { completionCommandName: 'completion' });
  return program;
}

const OVERVIEW = [
  ['status -n grand-estancia', 'what is wrong with a tenant, the worst first'],
  ['users credentials jane -n grand-estancia', 'what to type into a phone'],
  ['lint config/samples/hotel', 'what a cluster would refuse, without one'],
] as const;

/** Words of a program that is not run: only to know its verbs and options. */
function arranged(words: readonly string[], executable: string, verbs: readonly Verb[]): ReturnType<typeof arrange> {
  const idle: Invocation = { name: '', signal: AbortSignal.abort(), say: () => {}, note: () => {} };
  const { commands } = programOf(executable, verbs, idle, () => async () => {});
  const isVerb = (word: string): boolean => word === 'help' || commands.some(one => one.name() === word);
  const options = commands.flatMap(one => [...one.options, ...one.commands.flatMap(inner => inner.options)]);
  const takesValue = (word: string): boolean =>
    options.some(one => (one.short === word || one.long === word) && one.required);
  const [verb, dashes, ...completed] = words;
  if (verb !== 'complete' || dashes !== '--') return arrange(words, isVerb, takesValue);
  // completing behind a directory is as without it
  const { directory, rest } = arrange(completed, isVerb, takesValue);
  return { rest: ['complete', '--', ...(directory !== undefined && rest.length > 0 ? rest : completed)] };
}
