/** So many letters are gathered before they are written: one write for each line would take longer than making it. */
const PIECE_LENGTH = 64 * 1024;

/** Prints what comes piece by piece, and keeps little of it. */
export function printPieces(pieces: Iterable<string>): void {
  let gathered = '';
  for (const piece of pieces) {
    gathered += piece;
    if (gathered.length < PIECE_LENGTH) continue;
    process.stdout.write(gathered);
    gathered = '';
  }
  process.stdout.write(gathered);
}
