/** A stream's pieces on their way from those who compress them to the one who reads them, in their order. */
import type { EncodedPiece } from "./encoded-piece.ts";
import type { PieceSlot } from "./piece-slots.ts";

export interface Piece {
  readonly slot: PieceSlot;
  /** Lies in the slot, mostly. */
  readonly encoded: Promise<EncodedPiece>;
  /** Once nobody but its reader uses the slot: true; false where that cannot be known. Never fails. */
  readonly isDone: Promise<boolean>;
}

export interface PieceQueue {
  add(piece: Piece): void;
  /** There are no more, or no more because of this. */
  end(failure?: { readonly error: unknown }): void;
  isEnded(): boolean;
  /** Waits until it is known whether it is the last one. Throws what the queue ended with. */
  next(): Promise<{ readonly piece: Piece; readonly isLast: boolean }>;
  /** What nobody is going to read. */
  drop(): readonly Piece[];
}

export function pieceQueue(): PieceQueue {
  const waiting: Piece[] = [];
  let ended: { readonly failure?: { readonly error: unknown } } | undefined;
  let changed = (): void => {};
  const isNextKnown = (): boolean => waiting.length > 1 || ended !== undefined;
  return {
    add(piece) {
      waiting.push(piece);
      changed();
    },
    end(failure) {
      ended = failure ? { failure } : {};
      changed();
    },
    isEnded: () => ended !== undefined,
    async next() {
      while (!isNextKnown()) await new Promise<void>((resolve) => (changed = resolve));
      if (ended?.failure !== undefined) throw ended.failure.error;
      return { piece: waiting.shift()!, isLast: waiting.length === 0 };
    },
    drop: () => waiting.splice(0),
  };
}
