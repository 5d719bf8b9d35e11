/**
 * What a phone may register as its address and be called at. Everything else that a URI may hold could mean something
 * to the dialplan (`&` rings a second phone, `/` names another way to it) or to the next SIP server, and no phone needs
 * it. The dialplan leaves out the same ones. Pure.
 */
const USER = "[A-Za-z0-9._~+*%!'()$=-]+";
const HOST = '([A-Za-z0-9.-]+|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?';
const VALUE = "[A-Za-z0-9._~+*%!'()$:-]+";
const PARAMETER = `;[A-Za-z0-9._~+%-]+(=${VALUE})?`;
const PLAIN = new RegExp(`^sip:(${USER}@)?${HOST}(${PARAMETER})*$`, 'i');
const LONGEST = 255;

export function isPlainContact(uri: string): boolean {
  return uri.length <= LONGEST && PLAIN.test(uri);
}
