/** What a thread does for layers: it fills slots with pieces of tar, and hashes what any thread filled. */
import { createHash, type Hash } from "node:crypto";
import { CHUNK, writePiece, type TarPiece } from "../tar/pieces.ts";

export type TarRequest = { readonly task: "tar" } & (
  | { readonly do: "fill"; readonly slot: number; readonly piece: TarPiece }
  /** The next bytes of a layer, which is known to one thread only. `isLast`: the answer is its sha256 in hex. */
  | {
      readonly do: "hash";
      readonly layer: number;
      readonly slot: number;
      readonly length: number;
      readonly isLast: boolean;
    }
  | { readonly do: "forget"; readonly layer: number }
);

/** Answers a "fill" with the piece's length. */
export function tarTasks(slots: SharedArrayBuffer): (request: TarRequest) => number | string | undefined {
  const hashes = new Map<number, Hash>();
  return (request) => {
    if (request.do === "fill") return writePiece(request.piece, Buffer.from(slots, request.slot * CHUNK, CHUNK));
    const { layer } = request;
    if (request.do === "forget") {
      hashes.delete(layer);
      return undefined;
    }
    const hash = hashes.get(layer) ?? createHash("sha256");
    hashes.set(layer, hash);
    hash.update(Buffer.from(slots, request.slot * CHUNK, request.length));
    if (!request.isLast) return undefined;
    hashes.delete(layer);
    return hash.digest("hex");
  };
}
