import type { Problem } from '../lint/problem.ts';

/** Problems as SARIF 2.1.0 (OASIS), which GitHub, GitLab and editors show beside the lines that they are about. */
export function sarif(problems: readonly Problem[], version: string): unknown {
  const rules = [...new Set(problems.map(({ rule }) => rule))].sort();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'ringfleet',
            version,
            rules: rules.map(id => ({ id, shortDescription: { text: id } })),
          },
        },
        results: problems.map(({ file, line, column, object, field, severity, rule, message }) => ({
          ruleId: rule,
          ruleIndex: rules.indexOf(rule),
          level: severity,
          message: { text: [[object, field].filter(Boolean).join(' '), message].filter(Boolean).join(': ') },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: uriOf(file) },
                region: { startLine: line, startColumn: column },
              },
              ...(object === undefined
                ? {}
                : { logicalLocations: [{ fullyQualifiedName: field ? `${object}/${field}` : object }] }),
            },
          ],
        })),
      },
    ],
  };
}

/** Relative to where the command ran, which is what those who show it take for the root of the repository. */
function uriOf(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
