/** An Asterisk that this machine can run. */
export interface AsteriskInstallation {
  /** Version as `asterisk -V` prints it. */
  readonly version: string;
  readonly modulesDir: string;
  /** Sounds and documentation (astdatadir). */
  readonly dataDir: string;
  /** The command that starts an Asterisk with access to these directories, at these paths. Each result is for one start. */
  launch(directories: readonly string[]): Launch;
}

export interface Launch {
  /** Arguments that precede Asterisk's own. */
  readonly command: readonly string[];
  /** Variables of our environment that the command needs, besides PATH. */
  readonly env?: NodeJS.ProcessEnv;
  /** A command that ends a remaining Asterisk; needed where Asterisk is not a child process of the command. */
  readonly sweep?: readonly string[];
}

/** A command that runs Asterisk as the child process. */
export function directly(...command: readonly string[]): Pick<AsteriskInstallation, 'launch'> {
  return { launch: () => ({ command }) };
}

/** The installation in the image. */
export const IMAGE_INSTALLATION: AsteriskInstallation = {
  version: process.env['RINGFLEET_ASTERISK_VERSION'] ?? 'unknown',
  modulesDir: process.env['RINGFLEET_ASTERISK_MODULES'] ?? '/usr/lib/x86_64-linux-gnu/asterisk/modules',
  dataDir: '/usr/share/asterisk',
  ...directly('asterisk'),
};
