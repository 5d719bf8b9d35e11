import { join } from 'node:path';

/** The stylesheet that reduces Asterisk's documentation to what Asterisk itself needs, for the image and the root file system. */
export const DOCUMENTATION = join(import.meta.dirname, 'documentation.xsl');
