import { serverAccess } from '../../src/kube/credentials.ts';
import { behaviour } from '../fake-apiserver/behaviour.ts';

/** The fake API server's promises, asked of a real one: that of KUBECONFIG, or of RINGFLEET_KUBECONFIG. */
behaviour('a real one', () => {
  const own = process.env['RINGFLEET_KUBECONFIG'];
  if (own) process.env['KUBECONFIG'] = own;
  return serverAccess();
});
