import { describe, expect, it } from 'vitest';
import { readYaml } from './yaml-file.ts';

const TEXT = `# who
kind: SipUser
metadata:
  name: jane
  labels: {ringfleet.io/x: y}
spec:
  servers:
  - name: a
  - name: b
    host: x
---
apiVersion: v1
kind: List
items:
- kind: SipUser
  spec:
    extension: 1
`;

describe('a file of YAML', () => {
  it.each([
    [0, '', 2, 1],
    [0, 'metadata.name', 4, 3],
    [0, 'metadata.labels.ringfleet.io/x', 5, 12],
    [0, 'spec.servers', 7, 3],
    [0, 'spec.servers[1]', 9, 5],
    [0, 'spec.servers[1].host', 10, 5],
    [0, 'spec.servers[1].port', 9, 5],
    [0, 'spec.servers[7].port', 7, 3],
    [0, 'status.x', 2, 1],
    [1, 'spec.extension', 17, 5],
  ])('object %i has %s in line %i, column %i', (object, field, line, column) => {
    expect(readYaml(TEXT).objects[object]?.at(field)).toEqual({ line, column });
  });

  it.each([
    ['Yes', true],
    ['n', false],
    ['0101', 65],
    ['1_000', 1000],
    ['22:00', '22:00'],
    ['2026-01-01', '2026-01-01'],
    ['~', null],
    ["'1001'", '1001'],
  ])('reads %s as an API server does', (text, value) => {
    expect(readYaml(`a: ${text}`).objects[0]?.value).toEqual({ a: value });
  });

  it.each([
    ['a: [', 1],
    ['a: 1\na: 2', 2],
    ['a: "hunter"2', 1],
    ['a: *hunter2', 1],
  ])('says where %j cannot be read, and nothing of what is in it', (text, line) => {
    const { objects, problems } = readYaml(text);

    expect(objects).toEqual([]);
    expect(problems).toEqual([expect.objectContaining({ line })]);
    expect(problems[0]?.message).not.toContain('hunter');
  });
});
