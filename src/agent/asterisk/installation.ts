/** An Asterisk that this machine can run. */
export interface AsteriskInstallation {
  /** As `asterisk -V` says it. */
  readonly version: string;
  readonly modulesDir: string;
  /** Sounds and documentation (astdatadir). */
  readonly dataDir: string;
  /** How to start one that gets to see these directories, at these paths. Each answer is for one start. */
  launch(directories: readonly string[]): Launch;
}

export interface Launch {
  /** Words before Asterisk's own arguments. */
  readonly command: readonly string[];
  /** What the command needs of our environment besides PATH. */
  readonly env?: NodeJS.ProcessEnv;
  /** Where Asterisk is no child of the command: words that end what the command may have left running. */
  readonly sweep?: readonly string[];
}

/** An Asterisk that is the child itself. */
export function directly(...command: readonly string[]): Pick<AsteriskInstallation, 'launch'> {
  return { launch: () => ({ command }) };
}

/** Where the image has it. */
export const IMAGE_INSTALLATION: AsteriskInstallation = {
  version: process.env['RINGFLEET_ASTERISK_VERSION'] ?? 'unknown',
  modulesDir: process.env['RINGFLEET_ASTERISK_MODULES'] ?? '/usr/lib/x86_64-linux-gnu/asterisk/modules',
  dataDir: '/usr/share/asterisk',
  ...directly('asterisk'),
};
