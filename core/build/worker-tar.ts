/** A tar thread's work: pieces of layers, in the order in which they come, into the slots that it shares with the main thread. */
import type { MessagePort } from "node:worker_threads";
import type { TarPiece } from "../tar/pieces.ts";
import { pieceChunks } from "../tar/writer.ts";
import { PieceUnwanted, slotWriter, type Announcement, type ChunkSlots } from "./chunk-slots.ts";
import { failureOf, type WorkerFailure } from "./worker-failure.ts";

export interface PieceRequest extends TarPiece {
  /** Which stream it belongs to. */
  readonly stream: number;
}

/** A slot of the piece; or it is over, or it cannot be made. */
export type PieceAnswer = Announcement | "end" | WorkerFailure;

export function serveTar(port: MessagePort, slots: ChunkSlots): void {
  const writer = slotWriter(slots);
  const answer = (message: PieceAnswer): void => port.postMessage(message);

  port.on("message", ({ stream, entries, isLast }: PieceRequest) => {
    try {
      for (const chunk of pieceChunks(entries, isLast, () => writer.next(stream))) {
        answer(writer.filled(chunk.length));
      }
      answer("end");
    } catch (error) {
      answer(error instanceof PieceUnwanted ? "end" : failureOf(error));
    }
  });
}
