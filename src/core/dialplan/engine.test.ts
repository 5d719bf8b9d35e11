import { describe, expect, it } from 'vitest';
import { CONCERNS, renderEngine } from './engine.ts';
import { TEXT } from './text.gen.ts';

/** First in each context behind the entries. */
const ADMITTED = 'GotoIf($["${RF_IN}" != "1"]?refused,s,1)';

import { numberContexts } from '../asterisk/numbering.ts';

/** What can be known of the dialplan without an Asterisk. test/calls/facts asks one for the names of functions. */
interface Line {
  readonly context: string;
  readonly extension: string;
  readonly priority: string;
  readonly label: string | undefined;
  readonly application: string;
}

const engine = renderEngine();
const lines = parse(engine);
const contexts = new Set(lines.map(({ context }) => context));
/** Contexts of the tenant's data, which `extensions_tenant.conf` has. */
const RENDERED = [...numberContexts(undefined).matchAll(/^\[([\w-]+)\]/gm)].map(([, name]) => name ?? '');
const DATA = new Set([
  'users',
  'names',
  'numbers',
  'trunks',
  'order',
  'emergency',
  'carriers',
  'hints-users',
  ...RENDERED,
]);
/** Begun by Asterisk itself: a call of an endpoint, a transfer, what somebody watches. */
const ENTRIES = ['from-user', 'from-trunk', 'transferred'];
/** Ends a call, or says what a lamp shows: nothing is reached by them. */
const HARMLESS = new Set(['refused', 'to-hangup', 'hints']);
/** Begun on a channel that this dialplan made: its first line asks for what only that has. */
const BESIDE = new Set(['emergency-next']);

function parse(text: string): Line[] {
  const found: Line[] = [];
  let context = '';
  let extension = '';
  for (const raw of text.split('\n')) {
    const line = raw.replace(/(^|[^\\]);.*$/, '$1').trimEnd();
    context = /^\[([^\]]+)\]/.exec(line)?.[1] ?? context;
    const [, exten, first, whole] = /^exten => ([^,]+),(\w+),(.*)$/.exec(line) ?? [];
    const [, label, next] = /^ same => n(?:\(([\w-]+)\))?,(.*)$/.exec(line) ?? [];
    if (exten !== undefined) {
      extension = exten;
      found.push({ context, extension, priority: first ?? '', label: undefined, application: whole ?? '' });
    } else if (next !== undefined) found.push({ context, extension, priority: 'n', label, application: next });
  }
  return found;
}

function has(context: string, extension: string): boolean {
  if (DATA.has(context)) return true;
  const own = lines.filter(line => line.context === context).map(line => line.extension);
  return own.some(one => one === extension || one.startsWith('_'));
}

/** Where a line may go on: `[context, extension]`, or a label of its own context. */
function targets({ application }: Line): string[] {
  const [, name = '', args = ''] = /^(\w+)\((.*)\)$/.exec(application) ?? [];
  if (name === 'Gosub' || name === 'Goto') return [args];
  if (name !== 'GotoIf') return [];
  const branches = args.slice(args.lastIndexOf(']?') + 2);
  return branches.split(':').filter(branch => branch !== '');
}

describe('the engine', () => {
  it('is all files of the folder', () => {
    expect([...CONCERNS].sort()).toEqual(Object.keys(TEXT).sort());
  });

  it('is the golden one: each change of it rolls every PBX', async () => {
    await expect(engine).toMatchFileSnapshot('./engine.golden.conf');
  });

  it('goes on only where there is something', () => {
    const missing = lines.flatMap(line =>
      targets(line)
        .map(target => target.replace(/\$\{[^{}]*\}/g, '1').replace(/\$\{[^{}]*\}/g, '1'))
        .filter(target => {
          const [context = '', extension] = target.split(',');
          if (extension !== undefined)
            return (
              !/^to-1$/.test(context) && !(contexts.has(context) || DATA.has(context) ? has(context, extension) : false)
            );
          return !lines.some(
            one => one.context === line.context && one.extension === line.extension && one.label === target,
          );
        })
        .map(target => `${line.context}: ${target}`),
    );

    expect(missing).toEqual([]);
  });

  it('admits a call at an entry and refuses it everywhere else, unless it was admitted', () => {
    const called = new Set(
      lines.flatMap(line =>
        [...line.application.matchAll(/(?:Gosub\(|b\(|hangup_handler_push\)=)([\w-]+)[,^]/g)].map(([, name]) => name),
      ),
    );
    const open = [...contexts].filter(context => {
      const first = lines.filter(line => line.context === context && line.priority === '1');
      return first.some(({ application, extension }) => application !== ADMITTED && extension !== 'unknown');
    });
    const unguarded = open.filter(
      context => !ENTRIES.includes(context) && !HARMLESS.has(context) && !BESIDE.has(context) && !called.has(context),
    );

    expect(unguarded).toEqual([]);
    for (const context of ENTRIES)
      expect(engine).toMatch(new RegExp(`\\[${context}\\]\\nexten => [^\\n]*(\\n same => n[^\\n]*)*Set\\(RF_IN=1\\)`));
    expect(engine.match(/Set\(_*RF_IN=/g)).toHaveLength(ENTRIES.length);
  });

  it('ends a routine that is begun by Gosub by a return, or by the end of the call', () => {
    const routines = new Set(
      lines.flatMap(line =>
        [...line.application.matchAll(/(?:Gosub\(|b\(|hangup_handler_push\)=)([\w-]+)[,^]/g)].map(
          ([, name]) => name ?? '',
        ),
      ),
    );
    const open = [...routines]
      .filter(context => !DATA.has(context))
      .filter(context => {
        const last = lines.findLast(line => line.context === context);
        return !/^(Return|Hangup)\(.*\)$/.test(last?.application ?? '');
      });

    expect(routines.size).toBeGreaterThan(8);
    expect(open).toEqual([]);
  });

  it('reads no variable that nothing sets', () => {
    const set = new Set([...engine.matchAll(/Set\((?:LOCAL\(|SHARED\()?_*([A-Za-z_]\w*)/g)].map(([, name]) => name));
    const read = new Set(
      [...engine.matchAll(/\$\{(?:LOCAL\()?([A-Z]+_\w+|[a-z]\w*)[}:)]/g)].map(([, name]) => name ?? ''),
    );
    const given =
      /^(RF_(ORG|STATE|MAX_CALLS|MAX_LEGS|VOICEMAIL|TRANSFER|TRUNK|COUNTRY_CODE|NATIONAL_PREFIX|INTERNATIONAL_PREFIX|OUT_TRUNK|NEXT)|GOSUB_RETVAL|[UT]_\w+)$/;

    expect([...read].filter(name => !set.has(name) && !given.test(name))).toEqual([]);
  });

  it('expects nothing of an extension pattern that would take the text of a comment', () => {
    expect(lines.length).toBeGreaterThan(200);
    expect(lines.filter(({ application }) => /[^\\];/.test(application))).toEqual([]);
  });
});
