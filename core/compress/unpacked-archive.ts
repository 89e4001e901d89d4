/** Archives of the host in the store, decompressed: made once for each content, found by the file's stat. */
import { statSync } from "node:fs";
import type { CompressionFormat } from "./detect.ts";
import type { UnpackInput, UnpackOutput } from "./unpack.ts";
import { ImageDslError } from "../error.ts";
import { digestOfChunks, hexOf, type Digest } from "../model/digest.ts";
import type { Tasks } from "../model/tasks.ts";
import { streamRegular } from "../regular-file.ts";
import { fileFact } from "../store/file-facts.ts";
import type { Store } from "../store/store.ts";
import { interruptible } from "../tree/turns.ts";

const READ_BYTES = 1024 * 1024;

/** An archive of the host, decompressed once and kept in the store. */
export interface UnpackedArchive {
  /** The decompressed archive. */
  readonly file: string;
  /** Of the archive as it is on the host. */
  readonly digest: Digest;
}

interface UnpackingContext {
  readonly store: Store;
  readonly tasks: Tasks;
  readonly signal: AbortSignal;
}

/** `path` is absolute. Throws `E_COMPRESSION`, `E_CONTENT_CHANGED`, and the system's error where it cannot be read. */
export async function unpackedArchive(
  path: string,
  format: CompressionFormat,
  { store, tasks, signal }: UnpackingContext,
): Promise<UnpackedArchive> {
  const digest = (await fileFact(store, "file-digests", { file: path }, () =>
    digestOfChunks(interruptible(streamRegular(path, READ_BYTES), signal)),
  )) as Digest;
  const { size } = statSync(path);
  const file = await store.derive("archives", hexOf(digest), ".tar", async (output) => {
    const input: UnpackInput = { file: path, offset: 0, size, format, output };
    const { inputSha256, sha256 } = await tasks.inWorker<UnpackInput, UnpackOutput>("unpack", input);
    if (inputSha256 === digest) return sha256;
    throw new ImageDslError("E_CONTENT_CHANGED", `The archive ${path} changed while it was read`, {
      hint: "Build again when nothing writes to it",
    });
  });
  return { file, digest };
}
