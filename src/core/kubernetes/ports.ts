/** Ports of the agent in its pod. */
export const AGENT_API_PORT = 8443;
export const AGENT_PROBE_PORT = 8080;
