/** What a thread does for layers: it fills contents into pieces of tar, and hashes what any thread filled. */
import { createHash, type Hash } from "node:crypto";
import { CHUNK, writeContent } from "../tar/pieces.ts";
import { unpackContents, type PackedContents } from "./packed-contents.ts";

export type TarRequest = { readonly task: "tar" } & (
  | { readonly do: "fill"; readonly slot: number; readonly contents: PackedContents }
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

/** A layer's last "hash" is answered with its digest. */
export function tarTasks(slots: SharedArrayBuffer): (request: TarRequest) => string | undefined {
  const hashes = new Map<number, Hash>();
  return (request) => {
    if (request.do === "fill") {
      const target = Buffer.from(slots, request.slot * CHUNK, CHUNK);
      for (const place of unpackContents(request.contents)) writeContent(place, target);
      return undefined;
    }
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
