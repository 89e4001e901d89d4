/** One entry of the host's apt configuration (sources.list(5)), for binary packages. */
import { ImageDslError, withoutEndSlashes, type ErrorPlace } from "../../../core/index.ts";

export interface AptSource {
  /** Without a slash at their end. */
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Undefined: all that apt is configured for. */
  readonly architectures?: readonly string[];
  readonly signedBy?: SignedBy;
  /** `yes`: need not be signed. */
  readonly trusted?: boolean;
  readonly checkValidUntil?: boolean;
  readonly place: ErrorPlace;
}

/** Which keys may sign: files, an inline keyring, fingerprints of keys that apt trusts, or Debian's and no others. */
export type SignedBy =
  | { readonly kind: "debian" }
  | { readonly kind: "files"; readonly files: readonly string[] }
  | { readonly kind: "inline"; readonly armored: string }
  | { readonly kind: "fingerprints"; readonly fingerprints: readonly string[] };

/** The options that both styles share. Names are in lower case, as the one-line style writes them. */
export interface SourceSettings {
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  option(name: "arch" | "signed-by" | "trusted" | "check-valid-until"): string | undefined;
}

/** Schemes that `Signed-By` and the rest of this room can deal with; `mirror+…`, `cdrom:` and others are left to apt. */
const SCHEME = /^(https?|file|copy):/;

/** Undefined where no URI of the entry can be used here. Throws `E_DEBIAN_SOURCES`. */
export function makeSource(settings: SourceSettings, place: ErrorPlace): AptSource | undefined {
  const uris = settings.uris.filter((uri) => SCHEME.test(uri)).map(withoutEndSlashes);
  if (uris.length === 0) return undefined;
  const architectures = settings.option("arch");
  const signedBy = settings.option("signed-by");
  const trusted = flag(settings.option("trusted"), place);
  const checkValidUntil = flag(settings.option("check-valid-until"), place);
  return {
    uris,
    suites: settings.suites,
    components: settings.components,
    ...(architectures !== undefined && { architectures: words(architectures) }),
    ...(signedBy !== undefined && { signedBy: parseSignedBy(signedBy, place) }),
    ...(trusted !== undefined && { trusted }),
    ...(checkValidUntil !== undefined && { checkValidUntil }),
    place,
  };
}

export function words(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}

export function sourcesError(what: string, place: ErrorPlace): ImageDslError {
  return new ImageDslError("E_DEBIAN_SOURCES", `The host's apt configuration cannot be read: ${what}`, {
    hint: "Mend the file, or set mirror: in debian({ … }) so that it is not needed",
    place,
  });
}

function parseSignedBy(value: string, place: ErrorPlace): SignedBy {
  if (value.includes("-----BEGIN PGP PUBLIC KEY BLOCK-----")) return { kind: "inline", armored: value };
  const items = words(value);
  const files = items.filter((item) => item.startsWith("/"));
  // A fingerprint beside a file narrows that file down; the file alone decides here, which is what it is for.
  if (files.length > 0) return { kind: "files", files };
  const fingerprints = items.map((item) => item.replace(/!$/, "").toLowerCase());
  if (items.length === 0 || !fingerprints.every((item) => /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(item))) {
    throw sourcesError(`"${value.slice(0, 100)}" in Signed-By is neither a file nor a fingerprint`, place);
  }
  return { kind: "fingerprints", fingerprints };
}

/** apt's words for yes and no (strutl.cc, `StringToBool`). */
function flag(value: string | undefined, place: ErrorPlace): boolean | undefined {
  if (value === undefined) return undefined;
  if (/^(yes|true|with|on|enable|1)$/i.test(value)) return true;
  if (/^(no|false|without|off|disable|0)$/i.test(value)) return false;
  throw sourcesError(`"${value.slice(0, 100)}" is neither yes nor no`, place);
}
