import type { KindModule } from '../module.ts';
import { destinations } from './destinations.ts';
import { judgeUsers, unservedUser } from './judge.ts';
import { render } from './render.ts';
import type { ResolvedUser } from './resolve.ts';

/** SipUser: a person with an extension, whose phones register. There may be thousands. */
export const sipUser = {
  judge: judgeUsers,
  unserved: unservedUser,
  extension: { of: ({ spec }) => spec.extension, word: extension => `extension:${extension}` },
  destinations,
  render,
} satisfies KindModule<'SipUser', ResolvedUser>;
