import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WORDS } from '../../src/core/kinds/index.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { ManifestDirectory } from '../../src/standalone/directory.ts';
import { fileText, settle, snapshot } from '../snapshots.ts';

/** What becomes of the toy kind: run in a copy of the sources that has it, as its own process. Prints JSON. */

const MANIFESTS = `
kind: Organization
metadata: {name: acme}
spec: {sipDomain: acme.example, extensions: {reserved: ["7005"]}}
---
kind: SipUser
metadata: {name: jane, creationTimestamp: "2026-01-01T00:00:01Z"}
spec: {extension: "1001", fullName: Jane, ring: {onNoAnswer: {conference: {name: hall}}}}
---
kind: SipUser
metadata: {name: anna, creationTimestamp: "2026-01-01T00:00:01Z"}
spec: {extension: "1003", fullName: Anna, ring: {onNoAnswer: {extension: "7002"}, onBusy: {conference: {name: attic}}}}
---
kind: SipUser
metadata: {name: late, creationTimestamp: "2026-01-01T00:00:09Z"}
spec: {extension: "7002", fullName: Late}
---
kind: SipUser
metadata: {name: lost, creationTimestamp: "2026-01-01T00:00:09Z"}
spec: {extension: "1002", fullName: Lost, ring: {onNoAnswer: {conference: {name: nowhere}}, onBusy: {conference: {name: reserved}}}}
---
kind: ConferenceRoom
metadata: {name: hall, creationTimestamp: "2026-01-01T00:00:02Z"}
spec: {extension: "7001", whenFull: {user: {name: jane}}}
---
kind: ConferenceRoom
metadata: {name: attic, creationTimestamp: "2026-01-01T00:00:03Z"}
spec: {extension: "7002", whenFull: {hangup: Congestion}}
---
kind: ConferenceRoom
metadata: {name: reserved, creationTimestamp: "2026-01-01T00:00:04Z"}
spec: {extension: "7005"}
---
kind: ConferenceRoom
metadata: {name: wrong}
spec: {extension: "seven"}
`.replaceAll('\nkind:', '\napiVersion: ringfleet.io/v1alpha1\nkind:');

const directory = await mkdtemp(join(tmpdir(), 'ringfleet-toy-'));
try {
  await writeFile(join(directory, 'all.yaml'), MANIFESTS);
  const { objects, organizations, invalid, complaints } = await new ManifestDirectory(directory, systemClock).read();
  const { plan } = settle(snapshot({ objects, organizations, invalid }));
  const quota = plan.apply.find(({ kind }) => kind === 'ResourceQuota')?.['spec'];
  const statuses = Object.fromEntries(plan.statuses.map(({ kind, name, status }) => [`${kind}/${name}`, status]));
  console.log(
    JSON.stringify({ statuses, quota, complaints, words: WORDS, text: fileText(plan, 'extensions_tenant.conf') }),
  );
} finally {
  await rm(directory, { recursive: true });
}
