import { createHash } from 'node:crypto';

/** Draws numbers in [0, 1). */
export type Random = () => number;

/**
 * A stream of random numbers that depends on the seed and its own name alone, so that adding another
 * stream shifts no draw of this one. (sfc32 by Chris Doty-Humphrey, seeded through SHA-256.)
 */
export function randomStream(seed: string, name: string): Random {
  const digest = createHash('sha256').update(`${seed}\u0000${name}`).digest();
  let a = digest.readInt32LE(0);
  let b = digest.readInt32LE(4);
  let c = digest.readInt32LE(8);
  let counter = digest.readInt32LE(12);
  return () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 0x1_0000_0000;
  };
}

/** A whole number from `low` to `high`, both included. */
export function randomInteger(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}
