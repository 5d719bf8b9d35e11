import { install } from './platform.ts';

/** Once for all files of the project. */
export default async function setup(): Promise<void> {
  await install();
}
