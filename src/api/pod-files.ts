/** Files by which the containers of a PBX pod tell each other something. */

/** In Asterisk's run directory, made by the agent: the configuration is in place, Asterisk may start. */
export const CONFIGURED = 'configured';
