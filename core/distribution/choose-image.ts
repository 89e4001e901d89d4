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
  /** Equal of what is the same image under several names. */
  readonly identity?: string;
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
  const named = requireNamed(images, wish, shown);
  const found = forPlatform(named, platform);
  const [chosen, ...others] = found;
  if (chosen === undefined) throw noneFor(shown, platform, named);
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

/** The same, at least one. Throws `E_BASE_IMAGE`, naming what there is. */
export function requireNamed<Image extends Candidate>(
  images: readonly Image[],
  wish: Pick<Wish, "name" | "tag">,
  shown: string,
): readonly Image[] {
  if (images.length === 0) throw new ImageDslError("E_BASE_IMAGE", `"${shown}" holds no image at all`);
  const { name, tag } = wish;
  const named = namedImages(images, wish);
  if (named.length > 0) return named;
  const wanted = name === undefined ? `with the tag "${tag}"` : `"${name}${tag === undefined ? "" : `:${tag}`}"`;
  const there = namesOfAll(images);
  throw new ImageDslError("E_BASE_IMAGE", `"${shown}" holds no image ${wanted}`, {
    hint: there.length === 0 ? "Its images have no names: leave out the name and the tag" : `It has ${listed(there)}`,
  });
}

/** Different images of which any could be meant: one under several names is one. Empty where it is clear. */
export function equallyMeant<Image extends Candidate>(
  images: readonly Image[],
  wish: Wish,
  shown: string,
): readonly Image[] {
  const found = forPlatform(requireNamed(images, wish, shown), wish.platform);
  const platformOf = ({ platform }: Candidate): string => (platform ? platformText(platform) : "");
  const alike = found.filter((each) => platformOf(each) === platformOf(found[0]!));
  const different = alike.filter(
    ({ identity }, index) => identity === undefined || alike.findIndex((each) => each.identity === identity) === index,
  );
  return different.length > 1 ? different : [];
}

/** What each is called, as far as it has a name. */
export function shownNames(images: readonly Candidate[]): string {
  return listed(images.flatMap(({ names, nameInLayout }) => nameInLayout ?? names[0] ?? []));
}

/** All that one may be named by. */
function namesOfAll(images: readonly Candidate[]): readonly string[] {
  return images.flatMap(({ names, nameInLayout }) => (nameInLayout === undefined ? names : [nameInLayout]));
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
