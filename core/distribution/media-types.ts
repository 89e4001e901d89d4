/** Media types of what images consist of (OCI image spec, media-types.md; Docker's image manifest, version 2, schema 2). */

import type { LayerCompression, ManifestFormat } from "../model/image-spec.ts";

const OCI = "application/vnd.oci.image";
const DOCKER = "application/vnd.docker";

/** Media types of documents, by the format of manifests (OCI image spec, media-types.md; Docker's image manifest, schema 2). */
export const MEDIA_TYPE = {
  oci: { index: `${OCI}.index.v1+json`, manifest: `${OCI}.manifest.v1+json`, config: `${OCI}.config.v1+json` },
  docker: {
    index: `${DOCKER}.distribution.manifest.list.v2+json`,
    manifest: `${DOCKER}.distribution.manifest.v2+json`,
    config: `${DOCKER}.container.image.v1+json`,
  },
} as const satisfies Record<ManifestFormat, Record<"index" | "manifest" | "config", string>>;

const FAMILIES = [MEDIA_TYPE.oci, MEDIA_TYPE.docker];
/** Of what lists images: OCI's indexes and Docker's manifest lists. */
export const INDEX_TYPES: ReadonlySet<string> = new Set(FAMILIES.map(({ index }) => index));
/** Of one image's manifest, OCI's and Docker's. */
export const MANIFEST_TYPES: ReadonlySet<string> = new Set(FAMILIES.map(({ manifest }) => manifest));
export const CONFIG_TYPES: ReadonlySet<string> = new Set(FAMILIES.map(({ config }) => config));

const LAYER =
  /^application\/vnd\.(?:oci\.image\.layer(?:\.nondistributable)?\.v1\.tar(?:\+(gzip|zstd))?|docker\.image\.rootfs(?:\.foreign)?\.diff\.tar(?:[.+](gzip|zstd))?)$/;

/** What a layer's media type says of its compression; undefined for what is no layer's. */
export function compressionOfType(mediaType: string): LayerCompression | undefined {
  const found = LAYER.exec(mediaType);
  return found === null ? undefined : ((found[1] ?? found[2] ?? "none") as LayerCompression);
}

export function layerType(format: ManifestFormat, compression: LayerCompression): string {
  const suffix = compression === "none" ? "" : compression;
  if (format === "oci") return `${OCI}.layer.v1.tar${suffix && `+${suffix}`}`;
  return `${DOCKER}.image.rootfs.diff.tar${suffix && `.${suffix}`}`;
}

export function formatOf(mediaType: string): ManifestFormat {
  return mediaType.startsWith(DOCKER) ? "docker" : "oci";
}
