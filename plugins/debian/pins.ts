/** What the lock holds of a `debian` source: the packages of its closure, and why each is there. */
import * as v from "valibot";
import { ImageDslError, parseDigest, type Digest, type Json } from "../../core/index.ts";
import { reasonText, type ResolvedPackage } from "./resolve/index.ts";

export interface PinnedPackage {
  /** `debian:ARCHITECTURE/NAME=VERSION`. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** The suite and component it is from. */
  readonly archive: string;
  /** Below the archive's address. */
  readonly filename: string;
  readonly size: number;
  readonly sha256: Digest;
  readonly depends: readonly string[];
  readonly preDepends: readonly string[];
  readonly replaces: readonly string[];
  readonly reason: string;
}

export interface Pins {
  /** In the order in which they are configured. */
  readonly packages: readonly PinnedPackage[];
  /** Where Debian's fixed users and groups are from; not itself in the image unless it is among `packages`. */
  readonly accounts: PinnedPackage;
}

const text = v.pipe(v.string(), v.maxLength(1000));
const ids = v.array(text);
const pinnedPackage = v.strictObject({
  id: text,
  name: v.pipe(text, v.regex(/^[a-z0-9][a-z0-9+.-]+$/)),
  version: text,
  architecture: text,
  archive: text,
  filename: text,
  size: v.pipe(v.number(), v.integer(), v.minValue(0)),
  sha256: v.pipe(text, v.transform(parseDigest)),
  depends: ids,
  preDepends: ids,
  replaces: ids,
  reason: text,
});
const pins = v.strictObject({ packages: v.pipe(v.array(pinnedPackage), v.nonEmpty()), accounts: pinnedPackage });

/** A lock may come from anywhere. Throws `E_LOCK_INVALID`. */
export function parsePins(answer: Json): Pins {
  const parsed = v.safeParse(pins, answer);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new ImageDslError(
    "E_LOCK_INVALID",
    `The lock's debian packages are damaged at ${v.getDotPath(issue) ?? "their start"}: ${issue.message}`,
    {
      hint: "Restore the lock from version control, or run image-dsl build --update-lock",
    },
  );
}

export function pinOf({ reason, sha256, ...resolved }: ResolvedPackage): PinnedPackage {
  return { ...resolved, sha256: parseDigest(`sha256:${sha256}`), reason: reasonText(reason) };
}

export function pinsJson({ packages, accounts }: Pins): Json {
  return { packages: packages.map((each) => ({ ...each })), accounts: { ...accounts } };
}
