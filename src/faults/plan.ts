import type { Fault, FaultError, FaultPoint } from './schema.js';

/** What may be known of the thing a fault could hit. */
export interface Target {
  mongo: { readonly name: string; readonly database?: string; readonly collection?: string };
  call: { readonly method: string };
  delivery: { readonly kind: string; readonly attempt: number; readonly step?: number };
  update: { readonly step: number; readonly kind: string };
  bot: { readonly step: number };
}

/** A fault that hits now. Several may hit the same thing: delays add up, the first other effect wins. */
export interface Hit<P extends FaultPoint = FaultPoint> {
  readonly fault: string;
  readonly on: P;
  readonly phase: 'before' | 'after';
  readonly delayMs: number;
  readonly effect: Extract<Fault, { on: P }>['effect'];
  readonly error?: FaultError;
}
