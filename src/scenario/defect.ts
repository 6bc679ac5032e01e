import { messageOf, SendtwiceError } from '../base/errors.js';

/** Errors for people stay as they are; anything else is a defect of ours, and the run is no measure of the bot. */
export function errorOf(thrown: unknown): SendtwiceError {
  return thrown instanceof SendtwiceError ? thrown : defectOf(thrown);
}

/** `harness/defect`, with what was thrown as its cause. */
export function defectOf(thrown: unknown): SendtwiceError {
  return new SendtwiceError('harness/defect', `sendtwice itself failed: ${messageOf(thrown)}`, {
    hint: 'That is no fault of the bot. Please report it, with what follows and the history of the run.',
    cause: thrown,
  });
}
