/** So many values stand side by side. A column that grows gets another piece, and nothing is copied. */
const PIECE_BITS = 12;
const PIECE_SIZE = 1 << PIECE_BITS;
/** The first piece grows up to that, since most histories are short. */
const FIRST_SIZE = 64;

type Store = Uint8Array | Uint16Array | Uint32Array | Float64Array;

interface Kind {
  readonly make: (size: number) => Store;
  /** Stands where there is no number. */
  readonly none: number;
  /** What is stored is this many times the number. */
  readonly times: number;
}

/** From narrow to wide. Times in a history are whole microseconds, so thousandths of a millisecond take half of a double. */
const KINDS: readonly Kind[] = [
  { make: (size) => new Uint8Array(size), none: 0xff, times: 1 },
  { make: (size) => new Uint16Array(size), none: 0xffff, times: 1 },
  { make: (size) => new Uint32Array(size), none: 0xffff_ffff, times: 1 },
  { make: (size) => new Uint32Array(size), none: 0xffff_ffff, times: 1000 },
  { make: (size) => new Float64Array(size), none: Number.NaN, times: 1 },
];
const WIDEST = KINDS.length - 1;

interface Piece {
  readonly kind: number;
  readonly none: number;
  readonly times: number;
  readonly store: Store;
}

/** Numbers by index, some of them absent; each piece of them as narrow as its numbers allow. NaN counts as absent. */
export class Cells {
  readonly #pieces: (Piece | undefined)[] = [];
  /** What the last piece needed, the next one will need, too. */
  #kind = 0;

  get(index: number): number | undefined {
    const piece = this.#pieces[index >>> PIECE_BITS];
    if (piece === undefined) return undefined;
    const stored = piece.store[index & (PIECE_SIZE - 1)];
    if (stored === undefined || stored === piece.none || Number.isNaN(stored)) return undefined;
    return piece.times === 1 ? stored : stored / piece.times;
  }

  set(index: number, number: number): void {
    const which = index >>> PIECE_BITS;
    const place = index & (PIECE_SIZE - 1);
    let piece = this.#pieces[which];
    if (piece === undefined || place >= piece.store.length) {
      const size = which === 0 ? Math.min(PIECE_SIZE, Math.max(FIRST_SIZE, place * 2)) : PIECE_SIZE;
      piece = converted(piece, piece?.kind ?? this.#kind, size);
      this.#pieces[which] = piece;
    }
    let stored = storedAs(piece.kind, number);
    if (stored === undefined) {
      piece = widened(piece, number);
      this.#pieces[which] = piece;
      this.#kind = piece.kind;
      stored = storedAs(piece.kind, number) ?? Number.NaN;
    }
    piece.store[place] = stored;
  }
}

/** The number as a kind keeps it; undefined when it would not come back the same. */
function storedAs(kind: number, number: number): number | undefined {
  if (kind === WIDEST) return number;
  const { none, times } = KINDS[kind] as Kind;
  const stored = times === 1 ? number : Math.round(number * times);
  const isKept = stored >>> 0 === stored && stored < none && (times === 1 || stored / times === number);
  return isKept && !Object.is(number, -0) ? stored : undefined;
}

/** The narrowest wider piece that keeps another number beside those it has. */
function widened(piece: Piece, number: number): Piece {
  for (let kind = piece.kind + 1; kind < WIDEST; kind += 1) {
    if (storedAs(kind, number) === undefined) continue;
    const wider = converted(piece, kind, piece.store.length);
    if (wider.kind === kind) return wider;
  }
  return converted(piece, WIDEST, piece.store.length);
}

/** The same numbers as another kind; as the widest, if that one cannot keep them. */
function converted(piece: Piece | undefined, kind: number, size: number): Piece {
  const { make, none, times } = KINDS[kind] as Kind;
  const store = make(size).fill(none);
  for (const [place, old] of piece?.store.entries() ?? []) {
    if (piece === undefined || old === piece.none || Number.isNaN(old)) continue;
    const stored = storedAs(kind, old / piece.times);
    if (stored === undefined) return converted(piece, WIDEST, size);
    store[place] = stored;
  }
  return { kind, none, times, store };
}
