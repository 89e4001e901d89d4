/** Targets as `packTargets` gives them, of bytes that a test chooses. */
import { setMaxListeners } from "node:events";
import { digestOf, type Blob, type BuildContext, type PackedTarget } from "../../../core/index.ts";
import { documentBlob } from "../../../core/distribution/blob.ts";
import { readingContext } from "../../fixtures/base-images/context.ts";

const { signal } = new AbortController();
// Node warns of more than ten who listen, and tests write twenty times at once.
setMaxListeners(20, signal);

export const context: BuildContext = { ...readingContext, signal };

const TYPE = "application/vnd.oci.image";

/** `isKnown`: the layer's digest is known before it is read. */
export function target(
  reference: string,
  text: string,
  isKnown = true,
): PackedTarget & { readonly reads: () => number } {
  const bytes = Buffer.from(text);
  const blob = { digest: digestOf(bytes), size: bytes.length };
  let reads = 0;
  const layer: Blob = {
    mediaType: `${TYPE}.layer.v1.tar`,
    bound: bytes.length,
    identity: text,
    known: () => Promise.resolve(isKnown || reads > 0 ? blob : undefined),
    async *open() {
      reads++;
      yield bytes;
    },
  };
  const config = documentBlob(`${TYPE}.config.v1+json`, Buffer.from(JSON.stringify({ of: text })));
  const json = { schemaVersion: 2, config: config.descriptor, layers: [{ mediaType: layer.mediaType, ...blob }] };
  const manifest = documentBlob(`${TYPE}.manifest.v1+json`, Buffer.from(JSON.stringify(json)));
  const image = {
    platform: { os: "linux", architecture: "amd64" },
    layers: [layer],
    config: () => Promise.resolve(config),
    manifest: () => Promise.resolve(manifest),
  };
  return {
    target: reference,
    images: [image],
    parts: () => Promise.resolve({ manifests: [image], indexes: [] }),
    top: () => Promise.resolve(manifest),
    aliases: [],
    reference: () => Promise.resolve(reference),
    reads: () => reads,
  };
}
