import { badRequest, type Cause, forbiddenField, invalidField, type Refusal, requiredField } from './answers.ts';
import { isJson, type Json, type Obj, same } from './object.ts';

/** Rules of the built-in kinds that an operator can break. Their schemas are not here: only what has bitten somebody. */
export const TOP_LEVEL: Readonly<Record<string, readonly string[]>> = {
  ConfigMap: ['data', 'binaryData', 'immutable'],
  Secret: ['data', 'stringData', 'type', 'immutable'],
  EndpointSlice: ['addressType', 'endpoints', 'ports'],
  Event: [
    'eventTime',
    'series',
    'reportingController',
    'reportingInstance',
    'action',
    'reason',
    'regarding',
    'related',
    'note',
    'type',
  ],
};

const MICRO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$/;
const DATA_KEY = /^[-._a-zA-Z0-9]{1,253}$/;
const BASE64 = /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const MAX_DATA = 1024 * 1024;
const MUTABLE_STATEFUL_SET = [
  'replicas',
  'template',
  'updateStrategy',
  'ordinals',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
  'revisionHistoryLimit',
];

const part = (value: unknown, key: string): Json => {
  const member = isJson(value) ? value[key] : undefined;
  return isJson(member) ? member : {};
};

/** What the real server cannot even decode. */
export function decodingProblem(object: Obj): Refusal | undefined {
  const times: Readonly<Record<string, readonly unknown[]>> = {
    Lease: [part(object, 'spec')['renewTime'], part(object, 'spec')['acquireTime']],
    Event: [object['eventTime'], part(object, 'series')['lastObservedTime']],
  };
  const wrong = (times[object.kind] ?? []).find(time => time != null && !MICRO_TIME.test(String(time)));
  if (wrong !== undefined)
    return badRequest(
      `${object.kind} in version "v1" cannot be handled as a ${object.kind}: parsing time "${wrong}" as "2006-01-02T15:04:05.000000Z07:00": cannot parse`,
    );
  if (object.kind === 'Secret')
    for (const value of Object.values(part(object, 'data')))
      if (typeof value !== 'string' || !BASE64.test(value))
        return badRequest('Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 0');
  if (object.kind === 'ConfigMap')
    for (const value of Object.values(part(object, 'data')))
      if (typeof value !== 'string')
        return badRequest(
          `ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal ${typeof value} into Go struct field ConfigMap.data of type string`,
        );
  return undefined;
}

type Rule = (object: Obj, before: Obj | undefined) => Cause[];

function data(object: Obj, before: Obj | undefined): Cause[] {
  const causes: Cause[] = [];
  const entries = [...Object.entries(part(object, 'data')), ...Object.entries(part(object, 'binaryData'))];
  for (const [key] of entries)
    if (!DATA_KEY.test(key)) causes.push(invalidField(`data[${key}]`, `${JSON.stringify(key)}: a valid config key`));
  const bytes = entries.reduce((sum, [key, value]) => sum + key.length + Buffer.byteLength(String(value)), 0);
  if (bytes > (object.kind === 'Secret' ? (MAX_DATA * 4) / 3 : MAX_DATA))
    causes.push({ reason: 'FieldValueTooLong', message: 'Too long: may not be more than 1048576 bytes', field: '' });
  if (before?.['immutable'] === true && !same(before['data'], object['data']))
    causes.push(forbiddenField('data', 'field is immutable when `immutable` is set'));
  if (object.kind === 'Secret' && before && before['type'] !== object['type'])
    causes.push(invalidField('type', 'field is immutable'));
  return causes;
}

function lease(object: Obj): Cause[] {
  const { leaseDurationSeconds: seconds, leaseTransitions: transitions } = part(object, 'spec');
  return [
    ...(seconds !== undefined && Number(seconds) <= 0
      ? [invalidField('spec.leaseDurationSeconds', 'must be greater than 0')]
      : []),
    ...(transitions !== undefined && Number(transitions) < 0
      ? [invalidField('spec.leaseTransitions', 'must be greater than or equal to 0')]
      : []),
  ];
}

function event(object: Obj, before: Obj | undefined): Cause[] {
  const causes: Cause[] = [];
  if (!object['eventTime']) causes.push(requiredField('eventTime'));
  for (const [field, limit] of [
    ['reportingController', 253],
    ['reportingInstance', 128],
    ['action', 128],
    ['reason', 128],
  ] as const) {
    const value = object[field];
    if (typeof value !== 'string' || value === '') causes.push(requiredField(field));
    else if (value.length > limit) causes.push(invalidField(field, `can have at most ${limit} characters`));
  }
  if (Buffer.byteLength(String(object['note'] ?? '')) > 1024)
    causes.push(invalidField('note', 'can have at most 1024 bytes'));
  if (object['type'] !== 'Normal' && object['type'] !== 'Warning')
    causes.push(invalidField('type', 'has invalid value'));
  const about = part(object, 'regarding')['namespace'];
  if (about ? about !== object.metadata.namespace : object.metadata.namespace !== 'default')
    causes.push(invalidField('involvedObject.namespace', 'does not match event.namespace'));
  const series = object['series'];
  if (isJson(series)) {
    if (Number(series['count']) < 2) causes.push(invalidField('series.count', 'should be at least 2'));
    if (!series['lastObservedTime']) causes.push(requiredField('series.lastObservedTime'));
  }
  for (const field of ['eventTime', 'reason', 'regarding', 'note', 'action', 'reportingController'])
    if (before && !same(before[field], object[field])) causes.push(invalidField(field, 'field is immutable'));
  return causes;
}

function statefulSet(object: Obj, before: Obj | undefined): Cause[] {
  const fixed = (one: Obj): Json =>
    Object.fromEntries(Object.entries(part(one, 'spec')).filter(([key]) => !MUTABLE_STATEFUL_SET.includes(key)));
  const causes: Cause[] = [];
  const spec = part(object, 'spec');
  const wanted = part(part(spec, 'selector'), 'matchLabels');
  const labels = part(part(part(spec, 'template'), 'metadata'), 'labels');
  if (Object.keys(wanted).length === 0) causes.push(requiredField('spec.selector'));
  if (Object.entries(wanted).some(([key, value]) => labels[key] !== value))
    causes.push(invalidField('spec.template.metadata.labels', '`selector` does not match template `labels`'));
  if (before && !same(fixed(before), fixed(object)))
    causes.push(
      forbiddenField(
        'spec',
        `updates to statefulset spec for fields other than ${MUTABLE_STATEFUL_SET.map(name => `'${name}'`).join(', ')} are forbidden`,
      ),
    );
  return causes;
}

function service(object: Obj, before: Obj | undefined): Cause[] {
  const { ports, clusterIP } = part(object, 'spec');
  const causes: Cause[] = [];
  if (!Array.isArray(ports) || ports.length === 0) causes.push(requiredField('spec.ports'));
  else if (ports.length > 1 && ports.some(port => !part({ port }, 'port')['name']))
    causes.push(requiredField('spec.ports[0].name'));
  if (before && clusterIP !== part(before, 'spec')['clusterIP'])
    causes.push(invalidField('spec.clusterIPs[0]', 'may not change once set'));
  return causes;
}

const RULES: Readonly<Record<string, Rule>> = {
  ConfigMap: data,
  Secret: data,
  Lease: lease,
  Event: event,
  StatefulSet: statefulSet,
  Service: service,
  PodDisruptionBudget: object =>
    part(object, 'spec')['minAvailable'] !== undefined && part(object, 'spec')['maxUnavailable'] !== undefined
      ? [invalidField('spec', 'minAvailable and maxUnavailable cannot be both set')]
      : [],
  PersistentVolumeClaim: (object, before) =>
    before && !same({ ...part(before, 'spec'), resources: 0 }, { ...part(object, 'spec'), resources: 0 })
      ? [forbiddenField('spec', 'spec is immutable after creation except resources.requests')]
      : [],
};

export function builtinViolations(object: Obj, before: Obj | undefined): Cause[] {
  return RULES[object.kind]?.(object, before) ?? [];
}
