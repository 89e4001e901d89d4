/** Small archives read whole, where only names and bodies matter (a .deb's control.tar, a docker archive's JSON). */
import { Readable } from "node:stream";
import { ImageDslError, messageOf } from "../error.ts";
import { hold } from "../limits/held-memory.ts";
import { Account } from "../limits/limits.ts";
import { encodeText } from "../model/bytes.ts";
import { treePathFromBytes, type TreePath } from "../model/path.ts";

/**
 * The regular files of a tar by their path, hard links with the bytes of their file; `passOver` is told of all other
 * members but directories. Throws `E_TAR_INVALID` for a damaged archive, `E_TAR_LIMIT` above the limits.
 */
export async function readTarFiles(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  passOver: (path: TreePath) => void = () => {},
): Promise<Map<TreePath, Uint8Array>> {
  // Loaded here: most builds find their archives' members in the store.
  const { default: tarStream } = await import("tar-stream");
  const files = new Map<TreePath, Uint8Array>();
  const reader = tarStream.extract();
  const source = Readable.from(chunks);
  source.on("error", (error) => reader.destroy(error));
  source.pipe(reader);
  const account = new Account("The archive");
  try {
    for await (const member of reader) {
      const { header } = member;
      account.spend("tar.files");
      account.spend("tar.whole", header.size ?? 0);
      hold(header.size ?? 0);
      const body: Uint8Array[] = [];
      for await (const piece of member) body.push(piece as Uint8Array);
      const path = treePathFromBytes(encodeText(header.name));
      const linked =
        header.type === "link" ? files.get(treePathFromBytes(encodeText(header.linkname ?? ""))) : undefined;
      if (header.type === "file" || header.type === "contiguous-file") files.set(path, Buffer.concat(body));
      else if (linked) files.set(path, linked);
      else if (header.type !== "directory") passOver(path);
    }
  } catch (cause) {
    if (cause instanceof ImageDslError) throw cause;
    throw new ImageDslError("E_TAR_INVALID", `Cannot read the tar archive: ${messageOf(cause)}`, { cause });
  } finally {
    source.destroy();
  }
  return files;
}
