/**
 * Blobs on their way to other machines, each once: tasks that begin together mostly need the same packages and the same runtime, and have all
 * been told that these are missing.
 */
import { ticks } from "../../host.ts";
import type { Digest } from "../../model/digest.ts";
import type { RemoteWorkers } from "../../model/remote-work.ts";
import type { WorkInput } from "../../model/work.ts";

export interface SharedWrites {
  /** `asked`: when it was asked for and missing. What was written since is there. */
  write(input: WorkInput, asked: number): Promise<void>;
  /** Whether another task brings it. */
  isUnderWay(digest: Digest): boolean;
}

interface Write {
  readonly done: Promise<void>;
  ended: number;
}

export function sharedWrites(workers: Pick<RemoteWorkers, "write">): SharedWrites {
  const writes = new Map<Digest, Write>();
  return {
    write({ blob, open }, asked) {
      const known = writes.get(blob.digest);
      if (known !== undefined && known.ended >= asked) return known.done;
      const write: Write = { done: workers.write(blob, open), ended: Infinity };
      writes.set(blob.digest, write);
      write.done.then(
        () => (write.ended = ticks()),
        () => writes.delete(blob.digest),
      );
      return write.done;
    },
    isUnderWay: (digest) => writes.get(digest)?.ended === Infinity,
  };
}
