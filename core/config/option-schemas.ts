/** Checks for options that many plugins share: owners, modes, paths in the image, tags. For plugins' own schemas. */
import * as v from "valibot";
import { isImageCall, type ImageCall } from "../graph/preset.ts";
import { LAYER_COMPRESSIONS, MANIFEST_FORMATS, type Script } from "../model/image-spec.ts";
import { PLATFORM, parsePlatform, type Platform } from "../model/platform.ts";
import { IMAGE_TAG, isImageName } from "../model/reference.ts";
import { isSource, type Source } from "../model/source.ts";
import { parseTime } from "../model/time.ts";

/** `"1000:1000"`, `1000` (user and group alike), `{ uid, gid }`, or names of the image's own: `"app"` (with the user's group), `"app:adm"`. */
export type Owner =
  | string
  | number
  | {
      /** 0 to 2^32 − 2. */
      readonly uid: number;
      /** 0 to 2^32 − 2. */
      readonly gid: number;
    };

const MAX_ID = 0xffff_fffe;

function isOwnerWord(word: string): boolean {
  return /^\d{1,10}$/.test(word) ? v.is(idSchema, Number(word)) : v.is(accountNameSchema, word);
}

/** What useradd takes (shadow-utils), and as long as utmp has room for. */
export const accountNameSchema = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/, "expected a name: letters, digits, and _ . -, at most 32 in all"),
);

const EXAMPLE_TIME = '"2026-01-31T12:00:00Z"';

/** A user's or group's number. */
export const idSchema = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_ID));

const OWNER = 'expected "UID:GID", a number, { uid, gid }, or a user\'s name';

/** Each part a number or a name. */
const ownerText = v.pipe(
  v.string(),
  v.check((text) => {
    const [user = "", group = "0", ...more] = text.split(":");
    return more.length === 0 && [user, group].every(isOwnerWord) && (text.includes(":") || !/^\d/.test(user));
  }, OWNER),
);

/** Checks an `Owner`; of names it sees only that they may be some, since the image is not there yet. */
export const ownerSchema = v.union([idSchema, ownerText, v.strictObject({ uid: idSchema, gid: idSchema })], OWNER);

/** Permission bits, as a number: `0o755`. */
export const modeSchema = v.pipe(
  v.number("Expected permission bits such as 0o755"),
  v.integer(),
  v.minValue(0),
  v.check(
    (mode) => !isDecimalSlip(mode),
    ({ input }) => `${input} without 0o is ${inOctal(input)}; write 0o${input} (in JSON ${parseInt(String(input), 8)})`,
  ),
  v.check((mode) => mode <= 0o7777 || isDecimalSlip(mode), "Expected permission bits up to 0o7777"),
);

/** A place in the image. */
export const imagePathSchema = v.pipe(
  v.string(),
  v.check((path) => !path.includes("\0"), "cannot hold a NUL character"),
  v.check((path) => !path.split("/").includes(".."), "Expected a path inside the image, without .."),
);

const WEB_ADDRESS = 'expected an address that begins with "https://" or "http://"';
const PINNED_SHA256 = 'expected the 64 hex digits of a sha256, or "" to have the build say them';

/** Where a file of the web is. */
export const webAddressSchema = v.pipe(v.string(WEB_ADDRESS), v.check(isWebAddress, WEB_ADDRESS));

/** Of a file of the web; empty: the build says it. */
export const pinnedSha256Schema = v.pipe(
  v.string(PINNED_SHA256),
  v.regex(/^(?:(?:sha256:)?[0-9a-f]{64})?$/, PINNED_SHA256),
);

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** Of an image, without its tag; in small letters, whatever is given. */
export const imageNameSchema = v.pipe(
  v.string(),
  v.toLowerCase(),
  v.check(
    isImageName,
    "expected an image's name: letters and digits, single . _ or - between them, in parts joined by /, at most 255 characters " +
      "with its registry",
  ),
);

/** Of an image, without its name. */
export const tagSchema = v.pipe(v.string(), v.regex(IMAGE_TAG, "expected a tag: up to 128 letters, digits, and _ . -"));

/** What an image is built for: `linux/amd64`, `linux/arm/v7`. Two of one platform are one. */
export const platformsSchema = v.pipe(
  v.array(
    v.pipe(v.string(), v.regex(PLATFORM, `expected a platform, such as "linux/amd64"`)),
    'expected a list of platforms, such as ["linux/amd64", "linux/arm64"]',
  ),
  v.minLength(1, "expected at least one platform"),
  v.transform((texts): readonly Platform[] => [...new Set(texts)].map(parsePlatform)),
);

/** What layers are compressed with where an image is distributed. */
export const layerCompressionSchema = v.picklist(LAYER_COMPRESSIONS, `expected "gzip", "zstd" or "none"`);

/** How manifests are written where an output has the choice. */
export const manifestFormatSchema = v.picklist(MANIFEST_FORMATS, `expected "oci" or "docker"`);

/** One source or several. */
export const sourcesSchema = v.union(
  [sourceSchema(), v.array(sourceSchema())],
  "expected a source or a list of them, such as debian({ … }), files({ … }) or text(path, contents)",
);

/** Bash text, or a function that is given zx's `$`. */
export const scriptSchema = v.custom<Script>(
  (value) => typeof value === "string" || typeof value === "function",
  "expected bash text or a function of { $, root, … }",
);

/** What an image is built on: a text that says where it lies, another image of the config, or a source of one. */
export const baseSchema = v.custom<string | ImageCall | Source>(
  (value) => (typeof value === "string" && value !== "") || isImageCall(value) || isSource(value),
  "expected the path of an archive, or another image of the config",
);

/** Of an image's files. */
export const timeSchema = v.custom<string>(isTime, `expected a time with its zone, such as ${EXAMPLE_TIME}`);

/** When an image was made. */
export const createdSchema = v.custom<string>(
  (value) => value === "now" || isTime(value),
  `expected a time with its zone, such as ${EXAMPLE_TIME}, or "now"`,
);

/** 755 is 0o1363, which nobody means; 436 is 0o664, which somebody may have written so. */
function isDecimalSlip(mode: number): boolean {
  const digits = String(mode);
  return /^[0-7]{3,4}$/.test(digits) && isUsualMode(parseInt(digits, 8)) && !isUsualMode(mode);
}

/** The owner may read, nobody may write what he cannot read, and no class may do what the one before it may not. */
function isUsualMode(mode: number): boolean {
  const [owner, group, others] = [(mode >> 6) & 7, (mode >> 3) & 7, mode & 7] as const;
  const isReadable = [owner, group, others].every((each) => (each & 2) === 0 || (each & 4) !== 0);
  return mode <= 0o7777 && (owner & 4) !== 0 && isReadable && (owner & group) === group && (group & others) === others;
}

function inOctal(mode: number): string {
  return `0o${mode.toString(8)}`;
}

/** Stands for an owner that is given by name, until the tree is merged and says who that is: the kernel's "no id". */
export const NOT_YET_KNOWN = { uid: 0xffff_ffff, gid: 0xffff_ffff };

/** The numbers that an option means: 0:0 where it is undefined, `NOT_YET_KNOWN` for names, which only the finished image has. */
export function ownerIds(owner: Owner | undefined): { readonly uid: number; readonly gid: number } {
  if (owner === undefined) return { uid: 0, gid: 0 };
  if (typeof owner === "number") return { uid: owner, gid: owner };
  if (typeof owner === "object") return owner;
  if (ownerByName(owner) !== undefined) return NOT_YET_KNOWN;
  const [uid, gid] = owner.split(":");
  return { uid: Number(uid), gid: Number(gid) };
}

/** An owner of whom any part is a name. */
export function ownerByName(owner: Owner | undefined): string | undefined {
  return typeof owner === "string" && /[^\d:]/.test(owner) ? owner : undefined;
}

function sourceSchema() {
  return v.custom<Source>(isSource, "expected a source, such as debian({ … }), files({ … }) or text(path, contents)");
}

function isTime(value: unknown): boolean {
  return typeof value === "string" && parseTime(value) !== undefined;
}
