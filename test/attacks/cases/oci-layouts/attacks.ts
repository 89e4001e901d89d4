/** OCI layouts whose documents lie, contradict themselves or have no end (image-spec: descriptor.md, manifest.md, image-index.md). */
import { join } from "node:path";
import type { Attack } from "../../attack.ts";
import { LAYER, OCI, layoutIn, type Descriptor, type Layout } from "../../make/layout.ts";
import { tarOf } from "../../make/tar.ts";
import { sha256 } from "../../../e2e/support.ts";

const LAYER_TAR = tarOf({ name: "a", body: "a" });

interface Parts {
  readonly layer: Descriptor;
  readonly config: Descriptor;
}

/** `write` gives what stands in index.json. */
function attack(
  name: string,
  write: (layout: Layout, parts: Parts) => object,
  says: readonly (string | RegExp)[],
): Attack {
  return {
    name,
    make(folder) {
      const layout = layoutIn(join(folder, "layout"));
      const layer = layout.blob(LAYER_TAR, LAYER);
      const config = layout.document(configOf(1), `${OCI}.config.v1+json`);
      layout.index(write(layout, { layer, config }));
    },
    image: `dsl.image({ name: "t", from: "./layout" })`,
    ends: { code: "E_BASE_IMAGE", says: ["./layout", ...says] },
  };
}

function configOf(layers: number): object {
  const diffID = `sha256:${sha256(LAYER_TAR)}`;
  return {
    architecture: "amd64",
    os: "linux",
    config: {},
    rootfs: { type: "layers", diff_ids: Array.from({ length: layers }, () => diffID) },
  };
}

const MANIFEST = `${OCI}.manifest.v1+json`;
const INDEX = `${OCI}.index.v1+json`;
const only = (descriptor: object): object => ({ schemaVersion: 2, manifests: [descriptor] });
const manifest = ({ config, layer }: Parts, more: object = {}): object => ({
  schemaVersion: 2,
  mediaType: MANIFEST,
  config,
  layers: [layer],
  ...more,
});

/** Indexes of which each holds the next one. */
function nested(layout: Layout, parts: Parts, depth: number): Descriptor {
  let inner = layout.document(manifest(parts), MANIFEST);
  for (let level = 0; level < depth; level++) {
    inner = layout.document({ ...only(inner), mediaType: INDEX }, INDEX);
  }
  return inner;
}

export const attacks: readonly Attack[] = [
  attack(
    "a layer that says it is smaller",
    (layout, parts) => {
      const layer = { ...parts.layer, size: parts.layer.size - 1 };
      return only(layout.document(manifest({ ...parts, layer }), MANIFEST));
    },
    ["has 2048 bytes, and its descriptor says 2047"],
  ),
  attack(
    "a layer of less than no bytes",
    (layout, parts) => only(layout.document(manifest({ ...parts, layer: { ...parts.layer, size: -1 } }), MANIFEST)),
    ["has a size that is none"],
  ),
  attack(
    "a manifest of 8 EiB, as its descriptor says",
    (layout, parts) => only(layout.document(manifest(parts), MANIFEST, { size: 2 ** 63 })),
    ["has a size that is none"],
  ),
  attack(
    "a document that is a manifest and an index",
    (layout, parts) => only(layout.document(manifest(parts, { manifests: [] }), MANIFEST)),
    ["has manifests and layers"],
  ),
  attack(
    "a document whose media type is another than its descriptor's",
    (layout, parts) => only(layout.document(manifest(parts, { mediaType: INDEX }), MANIFEST)),
    ["a manifest says"],
  ),
  attack(
    "a layer of a media type that nobody knows",
    (layout, parts) =>
      only(layout.document(manifest({ ...parts, layer: { ...parts.layer, mediaType: "text/plain" } }), MANIFEST)),
    ["text/plain"],
  ),
  attack(
    "90,000 times one layer",
    (layout, parts) => {
      const config = layout.document(configOf(90_000), `${OCI}.config.v1+json`);
      const layers = Array.from({ length: 90_000 }, () => parts.layer);
      return only(layout.document(manifest({ ...parts, config }, { layers }), MANIFEST));
    },
    ["more than 8MiB (--limit oci.document=16MiB"],
  ),
  {
    ...attack("a thousand indexes, each in the one before", (layout, parts) => only(nested(layout, parts, 1000)), []),
    ends: { told: [] }, // As umoci takes it.
  },
  attack(
    "an index of 200 indexes of 200 each, down to 40,000 images",
    (layout, parts) => {
      const one = layout.document(manifest(parts), MANIFEST);
      const many = (each: (index: number) => Descriptor) => Array.from({ length: 200 }, (_, index) => each(index));
      const inner = many((index) =>
        layout.document({ schemaVersion: 2, mediaType: INDEX, manifests: many(() => one), index }, INDEX),
      );
      return { schemaVersion: 2, manifests: inner };
    },
    ["has more than 10000 images (--limit oci.images=20000"],
  ),
  attack(
    "100,000 manifests in an index",
    (layout, parts) => {
      const one = layout.document(manifest(parts), MANIFEST);
      return { schemaVersion: 2, manifests: Array.from({ length: 100_000 }, () => one) };
    },
    ["more than 8MiB (--limit oci.document=16MiB"],
  ),
  attack(
    "a digest that leads out of the layout",
    () => only({ mediaType: MANIFEST, digest: "sha256:../../../secret", size: 20 }),
    [/digest/],
  ),
];
