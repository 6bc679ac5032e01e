/** A refusal: its number is what the other side gets. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(readonly code: number) {
    super(`Refused with ${code}`);
  }
}
