/** OCI layouts by hand (image-spec, image-layout.md): documents of which each part may be another than it should. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { sha256 } from "../../e2e/support.ts";

export const OCI = "application/vnd.oci.image";
export const LAYER = `${OCI}.layer.v1.tar`;

export interface Descriptor {
  readonly mediaType?: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: object;
}

export interface Layout {
  /** Writes a blob, and gives its descriptor with what is said in place of the truth. */
  blob(bytes: Uint8Array | string, mediaType: string, more?: Partial<Descriptor>): Descriptor;
  /** The same of a JSON document. */
  document(value: unknown, mediaType: string, more?: Partial<Descriptor>): Descriptor;
  /** Writes `index.json`. */
  index(value: object): void;
}

export function layoutIn(folder: string): Layout {
  const write = (path: string, bytes: Uint8Array | string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  };
  write("oci-layout", '{"imageLayoutVersion":"1.0.0"}');
  const blob: Layout["blob"] = (bytes, mediaType, more) => {
    const digest = sha256(Buffer.from(bytes as string));
    write(`blobs/sha256/${digest}`, bytes);
    return { mediaType, digest: `sha256:${digest}`, size: Buffer.byteLength(bytes), ...more };
  };
  return {
    blob,
    document: (value, mediaType, more) => blob(JSON.stringify(value), mediaType, more),
    index: (value) => write("index.json", JSON.stringify(value)),
  };
}
