import { isIP } from 'node:net';
import { SendtwiceError } from '../base/errors.js';

/** Is this host the machine itself? Names other than localhost are not trusted to stay here. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (bare === 'localhost' || bare === '::1') return true;
  return isIP(bare) === 4 && bare.startsWith('127.');
}

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
