import { expect, it } from 'vitest';
import { sarif } from './sarif.ts';

it('a problem has its rule, its level and its place', () => {
  const problem = {
    file: 'my tenant/users.yaml',
    line: 3,
    column: 5,
    object: 'SipUser/jane',
    field: 'spec.extension',
    severity: 'error',
    rule: 'Required',
    message: 'Required value',
  } as const;

  expect(sarif([problem], '1.2.3')).toMatchObject({
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'ringfleet', version: '1.2.3', rules: [{ id: 'Required' }] } },
        results: [
          {
            ruleId: 'Required',
            ruleIndex: 0,
            level: 'error',
            message: { text: 'SipUser/jane spec.extension: Required value' },
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: 'my%20tenant/users.yaml' },
                  region: { startLine: 3, startColumn: 5 },
                },
              },
            ],
          },
        ],
      },
    ],
  });
});
