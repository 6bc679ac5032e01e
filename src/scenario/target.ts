import { SendtwiceError } from '../base/errors.js';
import { isLoopback } from '../base/loopback.js';
import type { RefuseAddress } from '../telegram/updates/resolve-host.js';

/**
 * Load tests and faults are for machines one owns.
 * @throws SendtwiceError `target/not-loopback` for any other host, unless the user allowed it.
 */
export function checkTarget(what: string, hosts: readonly string[], allowRemote: boolean): void {
  if (allowRemote) return;
  const remote = hosts.find((host) => !isLoopback(host));
  if (remote === undefined) return;
  throw new SendtwiceError('target/not-loopback', `${what} is on ${remote}, which is not this machine`, {
    hint: 'If you may load and disturb that machine, say so with --allow-remote.',
  });
}

/** Keeps a bot from having the updates of a run sent anywhere else. */
export const refuseRemote: RefuseAddress = (address) =>
  isLoopback(address)
    ? undefined
    : `${address} is not this machine, and sendtwice was not told to allow that (--allow-remote)`;
