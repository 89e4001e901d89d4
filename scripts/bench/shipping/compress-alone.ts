/** `node compress-alone.mjs WORKER FILE`: a file through our gzip encoder in our worker threads, and nothing else. Prints the bytes. */
import { open } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { pathToFileURL } from "node:url";
import { GZIP, PIECE_BYTES } from "../../../core/compress/codec.ts";
import { encodedBound } from "../../../core/compress/encode-piece.ts";
import type { EncodePieceInput, EncodePieceOutput } from "../../../core/compress/encoded-piece.ts";
import { taskPool } from "../../../core/tasks/task-pool.ts";

const [, , worker = "", path = ""] = process.argv;
const jobs = availableParallelism();
const tasks = taskPool({ jobs, signal: new AbortController().signal, worker: pathToFileURL(worker) });
const file = await open(path);
let compressed = 0;

/** Its next piece, until there is none. A lane's memory is used again. */
async function compressPieces(): Promise<void> {
  const memory = new SharedArrayBuffer(encodedBound(PIECE_BYTES));
  for (;;) {
    const { bytesRead: size } = await file.read(new Uint8Array(memory), 0, PIECE_BYTES, null);
    if (size === 0) return;
    const input: EncodePieceInput = { codec: GZIP.name, memory, size };
    const output = await tasks.inWorker<EncodePieceInput, EncodePieceOutput>("encodePiece", input);
    compressed += output.size;
  }
}

// As many again wait, so that no thread does.
await Promise.all(Array.from({ length: 2 * jobs }, compressPieces));
await file.close();
await tasks.close();
console.log(compressed);
