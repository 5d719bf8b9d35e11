/** An Asterisk that this machine can run. */
export interface AsteriskInstallation {
  /** As `asterisk -V` says it. */
  readonly version: string;
  /** Words before Asterisk's own arguments; the binary itself, or a loader and its options. */
  readonly command: readonly string[];
  readonly modulesDir: string;
  /** Sounds and documentation (astdatadir). */
  readonly dataDir: string;
}

/** Where the image has it. */
export const IMAGE_INSTALLATION: AsteriskInstallation = {
  version: process.env['RINGFLEET_ASTERISK_VERSION'] ?? 'unknown',
  command: ['asterisk'],
  modulesDir: process.env['RINGFLEET_ASTERISK_MODULES'] ?? '/usr/lib/x86_64-linux-gnu/asterisk/modules',
  dataDir: '/usr/share/asterisk',
};
