/**
 * What Docker before 1.10 reads in an archive (moby, image/spec v1): a folder for each layer, named by an id, with
 * `VERSION` and `json`, and `repositories`. An id is the digest of the layer and all below it.
 */
import { digestOf, hexOf, type Digest } from "../model/digest.ts";
import { canonicalJson, type Json } from "../model/json.ts";
import { isoTime } from "../image/assemble.ts";
import { splitReference } from "../model/reference.ts";
import { namesIn, type ArchivedImage } from "./archived-image.ts";

export interface LegacyArchive {
  /** By image, then by layer: the id. */
  readonly folders: readonly (readonly string[])[];
  members(): AsyncIterable<{ readonly name: string; readonly bytes: Uint8Array }>;
}

export function legacyMembers(
  images: readonly ArchivedImage[],
  diffIDs: readonly (readonly Digest[])[],
): LegacyArchive {
  const folders = diffIDs.map(idsOf);
  return {
    folders,
    async *members() {
      const repositories = new Map<string, Map<string, string>>();
      const written = new Set<string>();
      for (const [at, archived] of images.entries()) {
        const { image } = archived;
        const ids = folders[at]!;
        for (const [index, id] of ids.entries()) {
          if (written.has(id)) continue;
          written.add(id);
          const parent = index === 0 ? {} : { parent: ids[index - 1]! };
          const isTop = index === ids.length - 1;
          const json: Json = {
            id,
            ...parent,
            created: isoTime(image.created),
            architecture: image.platform.architecture,
            os: image.platform.os,
            // It holds JSON only; an interface is not seen as an index signature.
            ...(isTop && { config: image.config as unknown as Json }),
          };
          yield { name: `${id}/VERSION`, bytes: Buffer.from("1.0") };
          yield { name: `${id}/json`, bytes: Buffer.from(canonicalJson(json)) };
        }
        const top = ids.at(-1);
        for (const [name, tag] of (await namesIn(archived)).map(splitReference)) {
          const tags = repositories.get(name) ?? new Map<string, string>();
          repositories.set(name, tags);
          if (top !== undefined) tags.set(tag, top);
        }
      }
      yield {
        name: "repositories",
        bytes: Buffer.from(
          canonicalJson(
            Object.fromEntries(Array.from(repositories, ([name, tags]) => [name, Object.fromEntries(tags)])),
          ),
        ),
      };
    },
  };
}

function idsOf(diffIDs: readonly Digest[]): readonly string[] {
  const ids: string[] = [];
  for (const diffID of diffIDs) ids.push(hexOf(digestOf(canonicalJson({ diffID, parent: ids.at(-1) }))));
  return ids;
}
