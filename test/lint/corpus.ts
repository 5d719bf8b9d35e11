/**
 * Manifests with one mistake each, or two, as people make them. What a real API server says of each of them stands in
 * server-answers.json, and test/cluster/lint.test.ts asks one.
 */
const HEAD = 'apiVersion: ringfleet.io/v1alpha1\n';

function manifest(kind: string, spec: string, metadata = 'name: one'): string {
  return `${HEAD}kind: ${kind}\nmetadata: {${metadata}}\nspec: ${spec}\n`;
}

const user = (more: string): string =>
  manifest('SipUser', `{extension: '1001', fullName: Jane Doe${more && `, ${more}`}}`);
const userSpec = (spec: string): string => manifest('SipUser', spec);
const trunk = (more: string): string =>
  manifest('Trunk', `{servers: [{name: a, host: sip.example}]${more && `, ${more}`}}`);
const organization = (spec: string): string => manifest('Organization', `{${spec}}`);
const number = (spec: string): string => manifest('PhoneNumber', `{${spec}}`);
const place = (spec: string): string => manifest('Location', `{${spec}}`);
const orgClass = (spec: string): string => manifest('OrganizationClass', `{${spec}}`);
const secret = (rest: string): string => `apiVersion: v1\nkind: Secret\nmetadata: {name: one}\n${rest}\n`;
const labelled = (metadata: string): string =>
  manifest('SipUser', "{extension: '1001', fullName: Jane Doe}", `name: one, ${metadata}`);
const named = (name: string): string => manifest('SipUser', "{extension: '1001', fullName: Jane Doe}", `name: ${name}`);

export const BAD_MANIFESTS: readonly (readonly [what: string, text: string])[] = [
  // what YAML makes of it
  ['an extension that YAML reads as a number', userSpec('{extension: 1001, fullName: Jane}')],
  ['an extension with a leading zero, read as octal', userSpec('{extension: 0101, fullName: Jane}')],
  ['a name that YAML 1.1 reads as a boolean', userSpec("{extension: '1001', fullName: Yes}")],
  ['a name that YAML 1.1 reads as no', userSpec("{extension: '1001', fullName: NO}")],
  ['a name that is nothing', userSpec("{extension: '1001', fullName: }")],
  ['a name that is ~', userSpec("{extension: '1001', fullName: ~}")],
  ['a number as a boolean', user("enabled: 'true'")],
  ['a boolean as a number', user('ring: {seconds: true}')],
  ['a number as a text', user("ring: {seconds: '20'}")],
  ['a fraction', user('ring: {seconds: 20.5}')],
  ['a number with a unit', user('ring: {seconds: 20s}')],
  ['a list as one text', user('sip: {codecs: alaw}')],
  ['an object as a list', user('ring: [sip]')],
  ['an object as a text', user('ring: sip')],
  ['a text as an object', userSpec("{extension: '1001', fullName: {first: Jane}}")],
  ['a key twice', user("extension: '1002'")],
  // members that nobody knows
  ['an unknown member', user('extensions: 1')],
  ['a misspelt member', userSpec("{extension: '1001', fulName: Jane}")],
  ['an unknown member deep inside', user('ring: {target: {sip: {}}, secs: 20}')],
  ['an unknown member of an item', manifest('Trunk', '{servers: [{name: a, host: sip.example, ports: 5060}]}')],
  ['two unknown members', user('a: 1, b: 2')],
  ['an unknown member beside spec', `${user('')}specs: {}\n`],
  ['an unknown member of metadata', labelled('label: x')],
  ['a member in the wrong case', userSpec("{extension: '1001', fullname: Jane}")],
  ['an unknown member and a wrong value', user('ring: {seconds: 1}, colour: red')],
  // what is missing
  ['no extension', userSpec('{fullName: Jane}')],
  ['no name', userSpec("{extension: '1001'}")],
  ['nothing in spec', userSpec('{}')],
  ['no spec', `${HEAD}kind: SipUser\nmetadata: {name: one}\n`],
  ['a spec that is null', userSpec('null')],
  ['a spec that is a text', userSpec('hello')],
  ['a spec that is a list', userSpec('[]')],
  ['a server without a host', manifest('Trunk', '{servers: [{name: a}]}')],
  ['a server without a name', manifest('Trunk', '{servers: [{host: sip.example}]}')],
  ['no servers', manifest('Trunk', '{}')],
  ['an empty list of servers', manifest('Trunk', '{servers: []}')],
  ['a reference without a key', user('sip: {passwordSecretRef: {name: own}}')],
  ['a reference without a name', user('sip: {passwordSecretRef: {key: password}}')],
  ['a number without a number', number('destination: {user: {name: jane}}')],
  ['a location without a country', place('timezone: Europe/London')],
  ['no name of the object', `${HEAD}kind: SipUser\nmetadata: {}\nspec: {extension: '1001', fullName: Jane}\n`],
  // values
  ['a short extension', userSpec("{extension: '1', fullName: Jane}")],
  ['a long extension', userSpec("{extension: '123456789', fullName: Jane}")],
  ['an extension with letters', userSpec("{extension: 'abc', fullName: Jane}")],
  ['an extension with a space', userSpec("{extension: '10 01', fullName: Jane}")],
  ['an extension that is empty', userSpec("{extension: '', fullName: Jane}")],
  ['an extension with a line break', userSpec('{extension: "1001\\n", fullName: Jane}')],
  ['a long name', userSpec(`{extension: '1001', fullName: ${'x'.repeat(65)}}`)],
  ['a name with a line break', userSpec('{extension: \'1001\', fullName: "Jane\\nDoe"}')],
  ['a name with a quote', userSpec("{extension: '1001', fullName: 'Jane \"D\" Doe'}")],
  ['too few seconds', user('ring: {seconds: 4}')],
  ['too many seconds', user('ring: {seconds: 301}')],
  ['a negative number', user('ring: {seconds: -20}')],
  ['a number beyond all numbers', user('ring: {seconds: 99999999999999999999}')],
  ['an unknown word', user('sip: {transport: SCTP}')],
  ['a word in the wrong case', user('sip: {transport: udp}')],
  ['an unknown codec', user('sip: {codecs: [alaw, mp3]}')],
  ['too many codecs', user('sip: {codecs: [alaw, alaw, alaw, alaw, alaw, alaw, alaw]}')],
  ['no e-mail address', user('email: jane')],
  ['a network with a port', user("sip: {allowedSources: ['192.0.2.0/24:5060']}")],
  ['a network with a wrong prefix', user('sip: {allowedSources: [192.0.2.0/33]}')],
  ['an address that is none', user('sip: {allowedSources: [192.0.2.256]}')],
  ['a SIP address in capitals', user('sip: {address: Jane}')],
  ['a number without +', user('ring: {target: {phone: {number: "442079460000"}}}')],
  ['a number with spaces', user('ring: {target: {phone: {number: "+44 20 7946 0000"}}}')],
  ['two targets', user('ring: {target: {sip: {}, none: {}}}')],
  ['no target', user('ring: {target: {}}')],
  ['an unknown target', user('ring: {target: {fax: {}}}')],
  ['a destination of two kinds', user('ring: {onBusy: {hangup: Busy, user: {name: john}}}')],
  ['a destination of none', user('ring: {onBusy: {}}')],
  ['a reference with a capital', user('ring: {onBusy: {user: {name: John}}}')],
  ['a key of a Secret with a slash', user('sip: {passwordSecretRef: {name: own, key: a/b}}')],
  ['contacts beyond the most', user('sip: {maxContacts: 11}')],
  ['no contacts', user('sip: {maxContacts: 0}')],
  ['two wrong values', userSpec("{extension: 'x', fullName: Jane, ring: {seconds: 1}}")],
  [
    'a wrong value in the second server',
    manifest('Trunk', '{servers: [{name: a, host: a.example}, {name: b, host: "b example"}]}'),
  ],
  ['a host with a port', manifest('Trunk', '{servers: [{name: a, host: "sip.example:5060"}]}')],
  ['port 0', manifest('Trunk', '{servers: [{name: a, host: sip.example, port: 0}]}')],
  ['port 65536', manifest('Trunk', '{servers: [{name: a, host: sip.example, port: 65536}]}')],
  ['a prefix with letters', trunk('outbound: {prefix: abc}')],
  ['an unknown format of numbers', trunk('outbound: {numberFormat: Local}')],
  ['a wrong code to fail over on', trunk("outbound: {failoverOn: ['700']}")],
  ['a registration that is too short', trunk('register: {enabled: true, expirySeconds: 10}')],
  ['two servers of one name', manifest('Trunk', '{servers: [{name: a, host: a.example}, {name: a, host: b.example}]}')],
  ['two aliases of one name', user("sip: {aliases: [{name: a, extension: '1002'}, {name: a, extension: '1003'}]}")],
  ['a state that is none', organization('state: Paused')],
  ['a domain with a space', organization('sipDomain: "a example"')],
  ['a class with a capital', organization('className: Hotel')],
  ['more users than can be', organization('limits: {users: 100000}')],
  ['a negative limit', organization('limits: {trunks: -1}')],
  ['storage without a size', organization('limits: {storage: lots}')],
  ['a blocked country by name', organization('dialing: {blockedCountries: [France]}')],
  ['a blocklist of words', organization('blocklist: [spam]')],
  ['a webhook without a URL', organization('webhooks: [{name: a, events: [CallEnded]}]')],
  ['a webhook of an unknown event', organization('webhooks: [{name: a, url: "https://a.example", events: [Rang]}]')],
  ['a webhook by ftp', organization('webhooks: [{name: a, url: "ftp://a.example", events: [CallEnded]}]')],
  ['a country in small letters', organization('location: {country: gb}')],
  ['a number of a carrier without +', number('number: "02079460000"')],
  ['a number that is too long', number('number: "+4420794600001234"')],
  ['a country of three letters', place('country: GBR')],
  ['an emergency number with letters', place('country: GB, emergency: {numbers: [help]}')],
  ['a window at an hour that is none', orgClass("pbx: {roll: {window: {start: '25:00', durationMinutes: 60}}}")],
  ['a window without a length', orgClass("pbx: {roll: {window: {start: '22:00'}}}")],
  [
    'a window whose start is a sexagesimal number',
    orgClass('pbx: {roll: {window: {start: 22:00, durationMinutes: 0}}}'),
  ],
  ['memory as a number', orgClass('pbx: {resources: {limits: {memory: 512}}}')],
  // rules between members
  ['two names', user('firstName: Jane')],
  ['a shorter most than least', user('sip: {expirySeconds: {min: 600, max: 300}}')],
  ['the address fax', user('sip: {address: fax}')],
  ['following without the right to', user('followMe: {active: true}, permissions: {followMe: false}')],
  ['112 as an extension', organization("extensions: {overEmergency: ['112']}")],
  ['911 as an extension, among others', organization("extensions: {overEmergency: ['100', '911']}")],
  ['two rules at once', user('firstName: Jane, sip: {address: fax}')],
  ['a rule and a wrong value', user('firstName: Jane, ring: {seconds: 1}')],
  ['a rule and a wrong type', user("firstName: Jane, ring: {seconds: 'x'}")],
  [
    'a rule in the defaults of a class',
    orgClass('defaults: {userDefaults: {sip: {expirySeconds: {min: 600, max: 300}}}}'),
  ],
  // metadata
  ['a name with a capital', named('Jane')],
  ['a name with an underscore', named('jane_doe')],
  ['a name with a dot, which this kind may not have', named('jane.doe')],
  ['a name that is too long', named('x'.repeat(41))],
  ['a name that is a number', named('7')],
  ['a name that ends in -', named('jane-')],
  ['a name with a space', named('jane doe')],
  ['a label that is a number', labelled('labels: {floor: 3}')],
  ['a label with a space', labelled('labels: {floor: third floor}')],
  ['a label that is too long', labelled(`labels: {floor: ${'x'.repeat(64)}}`)],
  ['a key of a label with two slashes', labelled('labels: {a/b/c: x}')],
  ['an annotation that is a boolean', labelled('annotations: {"ringfleet.io/delete": yes}')],
  ['an annotation that is an object', labelled('annotations: {a: {b: c}}')],
  ['labels as a list', labelled('labels: [a]')],
  ['an owner without a uid', labelled('ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: x}]')],
  // of another kind, or version
  ['a version that is not there', user('').replace('v1alpha1', 'v2')],
  ['a kind that is not there', user('').replace('SipUser', 'SipUsr')],
  ['a group that is not there', user('').replace('ringfleet.io', 'ringfleet.com')],
  ['no apiVersion', user('').replace(HEAD, '')],
  ['no kind', user('').replace('kind: SipUser\n', '')],
  // Secrets
  ['a Secret with a number', secret('stringData: {pin: 73519}')],
  ['a Secret whose data is no base64', secret('data: {pin: "73519!"}')],
  ['a Secret whose stringData is a text', secret('stringData: pin')],
  ['a Secret with a key that has a space', secret('stringData: {"my pin": "73519"}')],
  ['a Secret with an unknown member', secret('stringdata: {pin: "73519"}')],
];
