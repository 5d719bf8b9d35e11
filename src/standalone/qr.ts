import { toString as qrToString } from 'qrcode';
import { credentialsName, endpointId } from '../core/names.ts';
import type { DirectoryPbx } from './pbx.ts';

/** A QR code for the terminal, with which a softphone configures itself: a SIP URI with the password. */
export async function printQr(
  pbx: Pick<DirectoryPbx, 'snapshot'>,
  only: string | undefined,
  say: (line: string) => void,
): Promise<void> {
  const { snapshot } = pbx;
  const organization = snapshot?.organizations[0]?.metadata.name;
  if (!snapshot || !organization) return;
  if (only !== undefined && !snapshot.objects.SipUser.some(({ metadata }) => metadata.name === only))
    say(`There is no SipUser ${only} in the directory, so there is no code to show; the column NAME has their names`);
  for (const user of snapshot.objects.SipUser) {
    const { name } = user.metadata;
    const password = snapshot.secrets.get(credentialsName(name))?.data['password'];
    if ((only && only !== name) || !password) continue;
    const { address, sipPort } = snapshot.platform;
    const uri = `sip:${endpointId(organization, user.spec.extension)}:${encodeURIComponent(password)}@${address?.value}:${sipPort};transport=udp`;
    say(`${name} (${user.spec.extension}):`);
    say(await qrToString(uri, { type: 'terminal', small: true }));
  }
}
