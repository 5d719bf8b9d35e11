/**
 * What a phone may register as its address and be called at: a regular expression that means the same to JavaScript and to
 * POSIX, since the dialplan and the agent ask it. A contact is a phone's own text, and Dial reads `&` and `,` as its own: a
 * phone that registers `sip:a&Local/0011@to-number` would choose where calls to it go.
 */
export const PLAIN_CONTACT = '^sip:[A-Za-z0-9._~+*%!=@:;-]+$';

/** Characters. Ten contacts must fit into one argument of Dial. */
export const LONGEST_CONTACT = 255;
