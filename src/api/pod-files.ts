/** Files by which the containers of a PBX pod exchange information. */

/** In Asterisk's run directory, created by the agent when the configuration is in place, so that Asterisk may start. */
export const CONFIGURED = 'configured';

/**
 * In Asterisk's run directory, written by Asterisk's container at least once a second: the bytes of memory that it uses, apart
 * from caches; a space; its limit in bytes, or `max`; a line break. When the modification time is old, the figure is too.
 */
export const MEMORY = 'memory';
