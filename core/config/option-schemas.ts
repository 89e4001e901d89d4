/** Checks for options that many plugins share: owners, modes, paths in the image, tags. For plugins' own schemas. */
import * as v from "valibot";
import { IMAGE_TAG } from "../model/reference.ts";

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
  v.maxValue(0o7777, "Expected permission bits up to 0o7777 (is the 0o missing?)"),
);

/** A place in the image. */
export const imagePathSchema = v.pipe(
  v.string(),
  v.check((path) => !path.includes("\0"), "A path cannot hold a NUL character"),
  v.check((path) => !path.split("/").includes(".."), "Expected a path inside the image, without .."),
);

/** Of an image, without its name. */
export const tagSchema = v.pipe(v.string(), v.regex(IMAGE_TAG, "expected a tag: up to 128 letters, digits, and _ . -"));

export function ownerIds(owner: Owner | undefined): { readonly uid: number; readonly gid: number } {
  if (owner === undefined) return { uid: 0, gid: 0 };
  if (typeof owner === "number") return { uid: owner, gid: owner };
  if (typeof owner === "object") return owner;
  const [uid, gid] = owner.split(":");
  return { uid: Number(uid), gid: Number(gid) };
}
