/** Fetching and trusting the Release of one suite at one place. */
import { ImageDslError, gathered, redactUrl, type LimitName } from "../../../core/index.ts";
import { checksValidUntil } from "./apt-conf.ts";
import type { Keyring } from "./keyring.ts";
import { isFlat, suiteFile } from "../suite-path.ts";
import type { ArchivePlace, SuiteLocation } from "./locate.ts";
import { checkFresh, checkNotOlder, checkSuite, parseRelease, type Release } from "./release.ts";
import { verifyClearsigned, verifyDetached } from "./signature.ts";
import { joinUrl, openUrl, type Transport } from "./transport.ts";

export interface ReleaseTrust {
  /** Loads the keys when they are needed. */
  readonly keyring: () => Promise<Keyring>;
  /** Take a release that has no signature; a wrong one is an error all the same. */
  readonly allowUnsigned: boolean;
  /** The date of a release that was used before: none from before it is taken. */
  readonly notBefore: string | undefined;
}

export interface OpenedRelease {
  readonly release: Release;
  readonly signed: boolean;
}

/**
 * Fetched anew each time, so that the chain of trust is. Undefined: the place has no such suite. Throws
 * `E_DEBIAN_SIGNATURE`, `E_DEBIAN_KEYRING`, `E_DEBIAN_METADATA`, `E_DEBIAN_SUITE`, `E_NETWORK`.
 */
export async function openRelease(
  place: ArchivePlace,
  { suite, isFurther }: Pick<SuiteLocation, "suite" | "isFurther">,
  trust: ReleaseTrust,
  transport: Transport,
): Promise<OpenedRelease | undefined> {
  const trusted = await readTrusted((file) => joinUrl(place.uri, suiteFile(suite, file)), trust, transport);
  if (trusted === undefined) return undefined;
  const source = `the Release of ${redactUrl(place.uri)} ${suite}`;
  const release = parseRelease(trusted.text, source);
  // Whose address is not one that many archives share need not name itself, as for apt.
  if (!isFlat(suite)) checkSuite(release, suite, source, isFurther);
  if (place.checkValidUntil ?? checksValidUntil(transport.settings)) {
    checkFresh(release, source);
    if (trust.notBefore !== undefined) checkNotOlder(release, trust.notBefore, source);
  }
  return { release, signed: trusted.signed };
}

/** InRelease, else Release with Release.gpg, else (if allowed) Release alone. */
async function readTrusted(
  at: (file: string) => string,
  trust: ReleaseTrust,
  transport: Transport,
): Promise<{ readonly text: string; readonly signed: boolean } | undefined> {
  const inRelease = await read(at("InRelease"), "debian.release", transport);
  if (inRelease) {
    const name = redactUrl(at("InRelease"));
    return { text: await verifyClearsigned(inRelease.toString("utf8"), await trust.keyring(), name), signed: true };
  }
  const release = await read(at("Release"), "debian.release", transport);
  if (!release) return undefined;
  const signature = await read(at("Release.gpg"), "debian.signature", transport);
  const name = redactUrl(at("Release"));
  if (signature) await verifyDetached(release, signature, await trust.keyring(), name);
  else if (!trust.allowUnsigned) throw unsigned(name);
  return { text: release.toString("utf8"), signed: signature !== undefined };
}

async function read(url: string, maxBytes: LimitName, transport: Transport): Promise<Buffer | undefined> {
  const body = await openUrl(url, { maxBytes }, transport);
  return body && gathered(body);
}

function unsigned(name: string): ImageDslError {
  return new ImageDslError("E_DEBIAN_SIGNATURE", `Cannot trust ${name}: it is not signed`, {
    hint: "Set allowUnsigned: true in debian({ … }) if you trust the archive and the way to it",
  });
}
