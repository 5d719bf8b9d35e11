/** Files by which the containers of a PBX pod tell each other something. */

/** In Asterisk's run directory, made by the agent: the configuration is in place, Asterisk may start. */
export const CONFIGURED = 'configured';

/**
 * In Asterisk's run directory, written by Asterisk's container every second or more often: the bytes of memory that it
 * uses and cannot give up, a space, its limit in bytes or `max`, a line break. Old by its time of modification: nobody writes.
 */
export const MEMORY = 'memory';
