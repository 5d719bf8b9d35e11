import { afterAll, beforeAll } from 'vitest';
import { behaviour } from './behaviour.ts';
import { builtinBehaviour } from './builtin-behaviour.ts';
import { FakeApiServer } from './server.ts';

let server: FakeApiServer;
beforeAll(async () => {
  server = await FakeApiServer.started();
  server.compact();
});
afterAll(() => server.stop());

behaviour('the fake one', () => server.access(), { forgets: true });
builtinBehaviour('the fake one', () => server.access());
