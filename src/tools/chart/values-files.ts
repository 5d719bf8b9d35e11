import { stringify } from 'yaml';
import { z } from 'zod';

/** values.yaml and values.schema.json of one schema. */
interface Node {
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly [word: string]: unknown;
}

function schemaOf(values: z.ZodType): Node {
  return z.toJSONSchema(values, { target: 'draft-7', io: 'input' }) as Node;
}

/** The schema as Helm checks values by it. Members that nobody knows are refused, so that a typo is reported. */
export function valuesSchema(values: z.ZodType): string {
  return `${JSON.stringify({ title: 'Values of the chart ringfleet', ...schemaOf(values) }, plainObjects, 2)}\n`;
}

/** Helm says what a pattern for names of members means, and zod writes one where any name will do. */
function plainObjects(name: string, value: unknown): unknown {
  return name === 'propertyNames' ? undefined : value;
}

/** Every value with its default, and what it means above it. */
export function valuesYaml(values: z.ZodType): string {
  const head = '# All that can be set. Written by `npm run generate` from src/tools/chart/values.ts.\n\n';
  return head + members(schemaOf(values), '');
}

function members({ properties = {} }: Node, indent: string): string {
  return Object.entries(properties)
    .map(([name, node]) => {
      const comment = wrapped(node.description ?? '', 116 - indent.length).map(line => `${indent}# ${line}\n`);
      return `${comment.join('')}${indent}${name}:${textOf(node, indent)}`;
    })
    .join(indent === '' ? '\n' : '');
}

function textOf(node: Node, indent: string): string {
  if (node.properties) return `\n${members(node, `${indent}  `)}`;
  const text = stringify(node.default, { version: '1.1', lineWidth: 0, indent: 2 }).trimEnd();
  return text.includes('\n') || /^[\w"]+: /.test(text) || text.startsWith('- ')
    ? `\n${text.replace(/^/gm, `${indent}  `)}\n`
    : ` ${text}\n`;
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
