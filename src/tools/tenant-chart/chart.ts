import { GROUP, kinds, VERSION } from '../../api/index.ts';
import { valuesSchema, valuesYaml } from '../chart/values-files.ts';
import { itemSchema, listedKinds, listName, organizationSchema, type Schema } from './lists.ts';
import { tenantValues } from './values.ts';

const CHART = 'charts/tenant';

/** The generated files of charts/tenant, by path. */
export function tenantChartFiles(): Map<string, string> {
  const values = tenantValues();
  const yaml = valuesYaml(values).replace('src/tools/chart/values.ts', 'src/tools/tenant-chart/values.ts and src/api');
  return new Map([
    [`${CHART}/values.yaml`, yaml],
    [`${CHART}/values.schema.json`, schemaWithKinds(JSON.parse(valuesSchema(values)))],
    [`${CHART}/templates/_generated.tpl`, namedTemplates()],
  ]);
}

function schemaWithKinds(plain: { readonly properties: Readonly<Record<string, Schema>> }): string {
  const properties = { ...plain.properties };
  const put = (name: string, more: Schema): void => {
    properties[name] = { ...more, ...only(properties[name], 'description', 'default', 'type', 'items') };
  };
  const organization = kinds.find(({ kind }) => kind === 'Organization');
  if (organization) put('organization', organizationSchema(organization));
  for (const info of listedKinds) {
    const name = listName(info);
    properties[name] = { ...properties[name], items: itemSchema(info) };
  }
  return `${JSON.stringify({ ...plain, title: 'Values of the chart tenant', properties }, null, 2)}\n`;
}

function only(schema: Schema | undefined, ...names: string[]): Schema {
  return Object.fromEntries(Object.entries(schema ?? {}).filter(([name]) => names.includes(name)));
}

/** Which value has which kind. A new one in the table of kinds appears here, and so in what the chart renders. */
function namedTemplates(): string {
  const lists = listedKinds.map(info => `${listName(info)}: ${info.kind}\n`).join('');
  return (
    '{{- /* Written by `npm run generate`: edit src/api instead. */ -}}\n' +
    `{{- define "ringfleet-tenant.apiVersion" -}}\n${GROUP}/${VERSION}\n{{- end }}\n\n` +
    `{{- define "ringfleet-tenant.lists" -}}\n${lists.trimEnd()}\n{{- end }}\n`
  );
}
