import { join } from 'node:path';

/** The stylesheet that leaves of Asterisk's documentation what Asterisk needs, for the Dockerfile and the root file system. */
export const DOCUMENTATION = join(import.meta.dirname, 'documentation.xsl');
