/** Choosing one of the images of an archive, by name, tag and platform. */
import { displayBytes, encodeText, ImageDslError, platformText, type Platform } from "../../core/index.ts";
import type { StoredImage } from "./manifests.ts";

export interface Wish {
  readonly name?: string;
  readonly tag?: string;
  readonly platform: Platform;
}

const SHOWN = 10;

/** The first one that is as wished. Throws `E_BASE_IMAGE`, naming what there is. */
export function chooseImage(images: readonly StoredImage[], { name, tag, platform }: Wish, shown: string): StoredImage {
  const named = images.filter(
    ({ names }) => (name === undefined && tag === undefined) || names.some((each) => isMeant(each, name, tag)),
  );
  const chosen = named.find((image) => image.platform && isFor(image.platform, platform)) ?? named[0];
  if (chosen !== undefined) return chosen;
  const there = images.flatMap(({ names }) => names).map((each) => displayBytes(encodeText(each)));
  const list =
    there.length > SHOWN ? `${there.slice(0, SHOWN).join(", ")} and ${there.length - SHOWN} more` : there.join(", ");
  const wanted = name === undefined ? `with the tag "${tag}"` : `"${name}${tag === undefined ? "" : `:${tag}`}"`;
  throw new ImageDslError("E_BASE_IMAGE", `"${shown}" holds no image ${images.length === 0 ? "at all" : wanted}`, {
    hint:
      there.length === 0
        ? `Its images have no names: leave out fromImageName and fromImageTag (for ${platformText(platform)})`
        : `It has ${list}`,
  });
}

function isFor(one: Platform, other: Platform): boolean {
  return (
    one.os === other.os && one.architecture === other.architecture && (one.variant ?? other.variant) === other.variant
  );
}

/** Names are compared whole: `a:1` is not `registry.example/a:1`, and not `a:10`. */
function isMeant(given: string, name: string | undefined, tag: string | undefined): boolean {
  const colon = given.lastIndexOf(":");
  const hasTag = colon > given.lastIndexOf("/");
  const [ofName, ofTag] = hasTag
    ? [given.slice(0, colon), given.slice(colon + 1)]
    : given.includes("/")
      ? [given, "latest"]
      : ["", given];
  if (tag !== undefined && ofTag !== tag) return false;
  // In an OCI layout, a tag alone is the whole name.
  return name === undefined || ofName === "" || short(ofName) === short(name);
}

/** What Docker and podman put in front of a name that has no registry. */
function short(name: string): string {
  return name.replace(/^(docker\.io\/library\/|docker\.io\/|localhost\/)/, "");
}
