import type { ChildProcess } from 'node:child_process';

/**
 * A bot runs in a process group of its own, so that what it starts (npm, a reloader, workers) dies with
 * it. Groups that are still alive when the harness exits are killed. Two ways out remain, and nothing in
 * this process can close them: a harness that is killed with SIGKILL leaves its bots running, and a bot
 * that moves into another session (setsid) is no longer ours. On Windows there are no groups: only the
 * process itself is ended.
 */
const alive = new Set<ChildProcess>();

/** Watches over a child that was spawned with `detached: true`. */
export function adopt(child: ChildProcess): void {
  if (alive.size === 0) process.on('exit', killAll);
  alive.add(child);
}

/** The group is empty, or was killed. */
export function release(child: ChildProcess): void {
  alive.delete(child);
  if (alive.size === 0) process.off('exit', killAll);
}

function killAll(): void {
  for (const child of alive) signalGroup(child, 'SIGKILL');
}

/** Sends a signal to every process of the group; 0 only asks. False: nobody is left. */
export function signalGroup(child: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (child.pid === undefined) return false;
  if (process.platform === 'win32') return child.kill(signal);
  try {
    process.kill(-child.pid, signal);
    return true;
  } catch (error) {
    // EPERM: somebody is left, but not one that we may signal (macOS says so of a zombie, too).
    return (error as NodeJS.ErrnoException).code === 'EPERM' && signal !== 0;
  }
}
