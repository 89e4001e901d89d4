/** Files that say something of an image: a manifest with a subject (OCI image spec 1.1, manifest.md, "artifactType"). */
import { basename } from "node:path";
import { digestOfChunks } from "../model/digest.ts";
import type { Annotations } from "../model/image-spec.ts";
import { canonicalJson } from "../model/json.ts";
import { openRegular, streamRegular } from "../regular-file.ts";
import { documentBlob, hashedBlob, type Blob, type DocumentBlob } from "./blob.ts";
import type { Descriptor } from "./descriptor.ts";
import { MEDIA_TYPE } from "./media-types.ts";
import { descriptorJson } from "./pack-image.ts";

/** Files to put beside an image, such as a signature or an SBOM (OCI image spec, manifest.md, "Guidelines for Artifact Usage"). */
export interface Artifact {
  /** A media type, which its files have too. */
  readonly type: string;
  /** Absolute paths, at least one. */
  readonly files: readonly string[];
  /** Of the artifact's manifest. */
  readonly annotations?: Annotations;
}

export interface PackedArtifact {
  readonly layers: readonly Blob[];
  readonly config: DocumentBlob;
  /** Its descriptor is as indexes of referrers list it. */
  readonly manifest: DocumentBlob;
}

/** What an image consists of, where somebody attached something to it. */
export interface Attached {
  /** Of what was attached. */
  readonly manifest: Descriptor;
  /** The manifest or index of the image, which the artifact's manifest names as its `subject`. */
  readonly subject: Descriptor;
  /** As it is shown to people. */
  readonly place: string;
}

const EMPTY = documentBlob("application/vnd.oci.empty.v1+json", Buffer.from("{}"));
const TITLE = "org.opencontainers.image.title";

/** Nothing of the host but the files' names and bytes is in it. Throws what cannot be read. */
export async function packArtifact(
  { type, files, annotations = {} }: Artifact,
  subject: Descriptor,
): Promise<PackedArtifact> {
  const listed: Descriptor[] = [];
  const layers: Blob[] = [];
  for (const file of files) {
    const handle = await openRegular(file);
    const { size } = await handle.stat().finally(() => handle.close());
    const known = { digest: await digestOfChunks(streamRegular(file)), size };
    listed.push({ mediaType: type, ...known, annotations: { [TITLE]: basename(file) } });
    layers.push({
      mediaType: type,
      known: () => Promise.resolve(known),
      bound: size,
      identity: known.digest,
      open: () => hashedBlob(streamRegular(file), known, () => {}),
    });
  }
  const { mediaType, digest, size } = subject;
  const own = Object.keys(annotations).length > 0 ? { annotations } : {};
  const document = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.oci.manifest,
    artifactType: type,
    config: descriptorJson(EMPTY.descriptor),
    layers: listed.map(descriptorJson),
    subject: { mediaType, digest, size },
    ...own,
  };
  const { descriptor, bytes } = documentBlob(MEDIA_TYPE.oci.manifest, Buffer.from(canonicalJson(document)));
  return { layers, config: EMPTY, manifest: { descriptor: { ...descriptor, artifactType: type, ...own }, bytes } };
}
