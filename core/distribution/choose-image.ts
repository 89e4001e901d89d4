/** Choosing one of several images that are in one place, by name, tag and platform. */
import { ImageDslError } from "../error.ts";
import { displayBytes, encodeText } from "../model/bytes.ts";
import { platformText, type Platform } from "../model/platform.ts";

/** What is known of an image before it is read. */
export interface Candidate {
  /** `NAME:TAG` or `NAME@DIGEST`; in OCI layouts mostly a tag alone. */
  readonly names: readonly string[];
  /** In an OCI layout, which of them is its own. */
  readonly nameInLayout?: string;
  /** Where the index tells it. */
  readonly platform?: Platform;
}

export interface Wish {
  readonly name?: string;
  readonly tag?: string;
  /** No other may be meant. */
  readonly sole?: boolean;
  readonly platform: Platform;
}

const SHOWN = 10;

/** The first one that is as wished. Throws `E_BASE_IMAGE`, naming what there is. */
export function chooseImage<Image extends Candidate>(images: readonly Image[], wish: Wish, shown: string): Image {
  const { platform, sole } = wish;
  const named = namedImages(images, wish);
  const found = forPlatform(named, platform);
  const [chosen, ...others] = found;
  if (chosen === undefined) throw nothing(images, named, wish, shown);
  if (!sole || others.length === 0) return chosen;
  throw new ImageDslError("E_BASE_IMAGE", `"${shown}" holds ${found.length} images, where one is wanted`, {
    hint: "Give each image an archive of its own",
  });
}

/** Those that the name and the tag mean, for whichever platform; all without either. */
export function namedImages<Image extends Candidate>(
  images: readonly Image[],
  { name, tag }: Pick<Wish, "name" | "tag">,
): readonly Image[] {
  if (name === undefined && tag === undefined) return images;
  return images.filter(({ names }) => names.some((each) => isMeant(each, name, tag)));
}

/**
 * Of an index of several platforms those that fit, the exact one first; a variant that one side does not name fits. An
 * image alone is taken whatever it is for: its config says that, and a difference is told.
 */
function forPlatform<Image extends Candidate>(images: readonly Image[], wanted: Platform): readonly Image[] {
  const platforms = new Set(images.flatMap(({ platform }) => (platform ? [platformText(platform)] : [])));
  return platforms.size <= 1 ? images : fitting(images, wanted);
}

/** Those that are for a platform, by what is known of them: exactly, else as far as nothing says otherwise. */
export function fitting<Image extends Pick<Candidate, "platform">>(
  images: readonly Image[],
  wanted: Platform,
): readonly Image[] {
  const found = images.filter(({ platform }) => platform !== undefined && fits(platform, wanted));
  const exact = found.filter(({ platform }) => platform!.variant === wanted.variant);
  return exact.length > 0 ? exact : found;
}

function fits(one: Platform, other: Platform): boolean {
  if (one.os !== other.os || one.architecture !== other.architecture) return false;
  return one.variant === undefined || other.variant === undefined || one.variant === other.variant;
}

function nothing(
  images: readonly Candidate[],
  named: readonly Candidate[],
  { name, tag, platform }: Wish,
  shown: string,
): ImageDslError {
  if (named.length > 0) return noneFor(shown, platform, named);
  const wanted = name === undefined ? `with the tag "${tag}"` : `"${name}${tag === undefined ? "" : `:${tag}`}"`;
  const there = images.flatMap(({ names }) => names);
  return new ImageDslError("E_BASE_IMAGE", `"${shown}" holds no image ${images.length === 0 ? "at all" : wanted}`, {
    hint:
      there.length === 0
        ? "Its images have no names: leave out fromImageName and fromImageTag"
        : `It has ${listed(there)}`,
  });
}

/** `images`: what is there for other platforms. */
export function noneFor(
  shown: string,
  wanted: Platform,
  images: readonly Pick<Candidate, "platform">[],
): ImageDslError {
  const there = images.flatMap(({ platform }) => (platform ? [platformText(platform)] : []));
  return new ImageDslError("E_BASE_IMAGE", `"${shown}" holds no image for ${platformText(wanted)}`, {
    hint: `It has ${listed(there)}`,
  });
}

function listed(texts: readonly string[]): string {
  const shown = texts.slice(0, SHOWN).map((text) => displayBytes(encodeText(text)));
  return shown.join(", ") + (texts.length > SHOWN ? ` and ${texts.length - SHOWN} more` : "");
}

/** Names are compared whole: `a:1` is not `registry.example/a:1`, and not `a:10`. */
function isMeant(given: string, name: string | undefined, tag: string | undefined): boolean {
  const [ofName, ofTag] = splitName(given);
  if (tag !== undefined && ofTag !== tag) return false;
  // In an OCI layout, a tag alone is the whole name.
  return name === undefined || ofName === "" || short(ofName) === short(name);
}

function splitName(given: string): readonly [name: string, tag: string] {
  const colon = given.lastIndexOf(":");
  if (colon > given.lastIndexOf("/")) return [given.slice(0, colon), given.slice(colon + 1)];
  return given.includes("/") ? [given, "latest"] : ["", given];
}

/** What Docker and podman put in front of a name that has no registry. */
function short(name: string): string {
  return name.replace(/^(docker\.io\/library\/|docker\.io\/|localhost\/)/, "");
}
