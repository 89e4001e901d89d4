/** Checks for options that many plugins share: owners, modes, paths in the image, tags. For plugins' own schemas. */
import * as v from "valibot";
import { LAYER_COMPRESSIONS, MANIFEST_FORMATS } from "../model/image-spec.ts";
import { PLATFORM, parsePlatform, type Platform } from "../model/platform.ts";
import { IMAGE_TAG, isImageName } from "../model/reference.ts";

/** `"1000:1000"`, `1000` (user and group alike) or `{ uid, gid }`. */
export type Owner = string | number | { readonly uid: number; readonly gid: number };

const MAX_ID = 0xffff_fffe;

/** A user's or group's number. */
export const idSchema = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_ID));

const ids = v.pipe(
  v.string(),
  v.regex(/^\d{1,10}:\d{1,10}$/),
  v.check((text) => text.split(":").every((each) => v.is(idSchema, Number(each)))),
);

export const ownerSchema = v.union(
  [idSchema, ids, v.strictObject({ uid: idSchema, gid: idSchema })],
  'Expected "UID:GID", a number or { uid, gid }',
);

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
  v.check((path) => !path.includes("\0"), "A path cannot hold a NUL character"),
  v.check((path) => !path.split("/").includes(".."), "Expected a path inside the image, without .."),
);

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
  v.array(v.pipe(v.string(), v.regex(PLATFORM, `expected a platform, such as "linux/amd64"`))),
  v.minLength(1, "expected at least one platform"),
  v.transform((texts): readonly Platform[] => [...new Set(texts)].map(parsePlatform)),
);

/** What layers are compressed with where an image is distributed. */
export const layerCompressionSchema = v.picklist(LAYER_COMPRESSIONS, `expected "gzip", "zstd" or "none"`);

/** How manifests are written where an output has the choice. */
export const manifestFormatSchema = v.picklist(MANIFEST_FORMATS, `expected "oci" or "docker"`);

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

export function ownerIds(owner: Owner | undefined): { readonly uid: number; readonly gid: number } {
  if (owner === undefined) return { uid: 0, gid: 0 };
  if (typeof owner === "number") return { uid: owner, gid: owner };
  if (typeof owner === "object") return owner;
  const [uid, gid] = owner.split(":");
  return { uid: Number(uid), gid: Number(gid) };
}
