/**
 * Host paths as byte strings, and what `fs` takes. Node accepts Buffers; under Deno and Bun a Buffer path goes
 * wrong, so ordinary text is used wherever the name is valid UTF-8, and other names are refused there by name.
 */
import { ImageDslError } from "../error.ts";
import { runtime } from "../host.ts";
import { decodeText, displayBytes, encodeText } from "../model/bytes.ts";
import type { HostPath } from "../model/entry.ts";

/** The byte string of a path as the runtime's `fs` returns it. */
export function hostPath(path: string | Buffer): HostPath {
  return typeof path === "string" ? encodeText(path) : path.toString("latin1");
}

/** What `fs` takes for a host path. Throws `E_CONTENT_UNREADABLE` for non-UTF-8 names outside Node. */
export function toFsPath(path: HostPath): string | Buffer {
  const text = decodeText(path);
  if (text !== undefined) return text;
  if (runtime() !== "node") {
    throw new ImageDslError(
      "E_CONTENT_UNREADABLE",
      `The name of ${displayBytes(path)} is not UTF-8, which ${runtime()} cannot open`,
      {
        hint: "Run image-dsl with Node for this folder, or rename the file",
      },
    );
  }
  return Buffer.from(path, "latin1");
}
