/** The public keys that may sign an archive's releases. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { PublicKey } from "openpgp";
import { ImageDslError, messageOf, readRegular, requireWithin, systemCodeOf } from "../../../core/index.ts";
import type { SignedBy } from "./apt-source.ts";
import type { ArchivePlace } from "./locate.ts";

export interface Keyring {
  readonly keys: readonly PublicKey[];
  /** Where the keys come from, for messages. */
  readonly origin: string;
}

const MEND = "Set keyring: in debian({ … }) to the archive's key file, or install the package debian-archive-keyring";

/**
 * The keys to check against: those of the option `keyring`, else what the source's `Signed-By` says, else all that
 * the host's apt trusts and Debian's. Where it is a guess that Debian is at the place, Debian's count in any case: the host's
 * configuration knows those of its own release. Throws `E_DEBIAN_KEYRING`. `root` is where the host's files begin.
 */
export async function loadKeyring(
  option: readonly string[] | undefined,
  { signedBy, origin = "host" }: Partial<Pick<ArchivePlace, "signedBy" | "origin">>,
  root: string,
): Promise<Keyring> {
  if (option !== undefined) return fromFiles(option, "the option keyring");
  const keyring = await signersOf(signedBy, root);
  return origin === "beside-host" ? joined([keyring, await debianKeys(root)]) : keyring;
}

function signersOf(signedBy: SignedBy | undefined, root: string): Promise<Keyring> {
  switch (signedBy?.kind) {
    case "debian":
      return debianKeys(root);
    case "files":
      return fromFiles(
        signedBy.files.map((file) => join(root, file)),
        "Signed-By of the host's apt configuration",
      );
    case "inline":
      return fromInline(signedBy.armored);
    case "fingerprints":
      return onlyNamed(trustedByHost(root), signedBy.fingerprints);
    case undefined:
      return trustedByHost(root);
  }
}

async function fromFiles(files: readonly string[], origin: string): Promise<Keyring> {
  const keys: PublicKey[] = [];
  for (const file of files) {
    let bytes: Buffer;
    try {
      bytes = await readRegular(file, "debian.keyring");
    } catch (cause) {
      throw keyringError(`Cannot read the keyring ${file} (from ${origin}): ${reasonOf(cause)}`, cause);
    }
    keys.push(...(await parse(bytes, file)));
  }
  return { keys, origin: files.join(", ") };
}

async function fromInline(armored: string): Promise<Keyring> {
  const origin = "the key in the host's apt configuration";
  return { keys: await parse(Buffer.from(armored.trim(), "utf8"), origin), origin };
}

async function trustedByHost(root: string): Promise<Keyring> {
  return joined([await readThere(root, TRUSTED), await debianKeys(root)]);
}

/** Those that are shipped, and those of the host's package, which may be newer. */
async function debianKeys(root: string): Promise<Keyring> {
  const { ARCHIVE_KEYRING, ARCHIVE_KEYRING_VERSION } = await import("./archive-keys.ts");
  const origin = `image-dsl's copy of debian-archive-keyring ${ARCHIVE_KEYRING_VERSION}`;
  const keys = await parse(Buffer.from(ARCHIVE_KEYRING, "base64"), origin);
  return joined([await readThere(root, DEBIAN), { keys, origin }]);
}

/** What cannot be read is passed over, as apt does. */
async function readThere(root: string, places: readonly KeyringPlace[]): Promise<Keyring> {
  const files: string[] = [];
  for (const [directory, pattern] of places) {
    const names = await readdir(join(root, directory)).catch(() => []);
    files.push(
      ...names
        .filter((name) => pattern.test(name))
        .toSorted()
        .map((name) => join(root, directory, name)),
    );
  }
  const found = await Promise.all(files.map((file) => fromFiles([file], "the host's apt").catch(() => undefined)));
  return joined(found.filter((keyring) => keyring !== undefined));
}

function joined(keyrings: readonly Keyring[]): Keyring {
  const used = keyrings.filter(({ keys }) => keys.length > 0);
  return { keys: used.flatMap(({ keys }) => keys), origin: used.map(({ origin }) => origin).join(", ") };
}

type KeyringPlace = readonly [directory: string, names: RegExp];

const TRUSTED: readonly KeyringPlace[] = [
  ["etc/apt", /^trusted\.gpg$/],
  ["etc/apt/trusted.gpg.d", /^[A-Za-z0-9_.-]+\.(gpg|asc)$/],
];
const DEBIAN: readonly KeyringPlace[] = [["usr/share/keyrings", /^debian-archive-keyring\.(gpg|pgp|asc)$/]];

async function onlyNamed(all: Promise<Keyring>, fingerprints: readonly string[]): Promise<Keyring> {
  const { keys, origin } = await all;
  const named = keys.filter((key) =>
    [key, ...key.getSubkeys()].some((part) => fingerprints.includes(part.getFingerprint())),
  );
  if (named.length === 0) throw keyringError(`No key in ${origin} has the fingerprint ${fingerprints.join(" or ")}`);
  return { keys: named, origin };
}

async function parse(bytes: Buffer, origin: string): Promise<readonly PublicKey[]> {
  requireWithin("debian.keyring", bytes.length, `The keyring ${origin}`);
  if (bytes.toString("latin1", 8, 12) === "KBXf") {
    throw keyringError(`The keyring ${origin} is a keybox, which only gpg reads; export its keys with gpg --export`);
  }
  const { readKeys } = await import("openpgp");
  try {
    if (!bytes.includes("-----BEGIN PGP")) return publicOnly(await readKeys({ binaryKeys: bytes }), origin);
    const keys: PublicKey[] = [];
    for (const block of bytes.toString("utf8").match(BLOCK) ?? []) {
      keys.push(...publicOnly(await readKeys({ armoredKeys: block }), origin));
    }
    if (keys.length === 0) throw new Error("it holds no public key");
    return keys;
  } catch (cause) {
    if (cause instanceof ImageDslError) throw cause;
    throw keyringError(`Cannot read the keyring ${origin}: ${messageOf(cause)}`, cause);
  }
}

const BLOCK = /-----BEGIN PGP PUBLIC KEY BLOCK-----[^]*?-----END PGP PUBLIC KEY BLOCK-----/g;

function publicOnly(keys: readonly PublicKey[], origin: string): readonly PublicKey[] {
  if (keys.length === 0) throw keyringError(`The keyring ${origin} holds no key`);
  return keys.map((key) => (key.isPrivate() ? key.toPublic() : key));
}

function reasonOf(thrown: unknown): string {
  return systemCodeOf(thrown) === "ENOENT" ? "there is no such file" : messageOf(thrown);
}

function keyringError(message: string, cause?: unknown): ImageDslError {
  return new ImageDslError("E_DEBIAN_KEYRING", message, { hint: MEND, cause });
}
