import type { Handler } from './operations.ts';

/** Takes the PBX back into service; answers when calls are let in again. */
export const undrain: Handler<'undrain'> = async (_operation, { drainer }, signal) => {
  await drainer.undrain(signal);
  return 200;
};
