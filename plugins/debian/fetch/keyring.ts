/** The public keys that may sign an archive's releases. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { PublicKey } from "openpgp";
import { ImageDslError, messageOf, systemCodeOf, readRegular } from "../../../core/index.ts";
import type { SignedBy } from "./apt-source.ts";

export interface Keyring {
  readonly keys: readonly PublicKey[];
  /** Where the keys come from, for messages. */
  readonly origin: string;
}

const MAX_FILE = 16 * 1024 * 1024;
const MEND = "Set keyring: in debian({ … }) to the archive's key file, or install the package debian-archive-keyring";

/**
 * The keys to check against: those of the option `keyring`, else what the source's `Signed-By` says, else all that
 * the host's apt trusts and the keyring package of Debian. Throws `E_DEBIAN_KEYRING` where there are none.
 * `root` is where the host's files begin.
 */
export function loadKeyring(
  option: readonly string[] | undefined,
  signedBy: SignedBy | undefined,
  root: string,
): Promise<Keyring> {
  if (option !== undefined) return fromFiles(option, "the option keyring");
  switch (signedBy?.kind) {
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
      bytes = await readRegular(file, MAX_FILE);
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

/** What cannot be read in these folders is passed over, as apt does, as long as some key is found. */
async function trustedByHost(root: string): Promise<Keyring> {
  const files: string[] = [];
  for (const [directory, pattern] of PLACES) {
    const names = await readdir(join(root, directory)).catch(() => []);
    files.push(
      ...names
        .filter((name) => pattern.test(name))
        .toSorted()
        .map((name) => join(root, directory, name)),
    );
  }
  const keys: PublicKey[] = [];
  const used: string[] = [];
  for (const file of files) {
    const found = await fromFiles([file], "the host's apt").catch(() => undefined);
    if (!found) continue;
    keys.push(...found.keys);
    used.push(file);
  }
  if (keys.length === 0)
    throw keyringError("Found no keyring that could verify a release: the host's apt trusts no key");
  return { keys, origin: used.join(", ") };
}

const PLACES: readonly (readonly [string, RegExp])[] = [
  ["etc/apt", /^trusted\.gpg$/],
  ["etc/apt/trusted.gpg.d", /^[A-Za-z0-9_.-]+\.(gpg|asc)$/],
  ["usr/share/keyrings", /^debian-archive-keyring\.(gpg|pgp|asc)$/],
];

async function onlyNamed(all: Promise<Keyring>, fingerprints: readonly string[]): Promise<Keyring> {
  const { keys, origin } = await all;
  const named = keys.filter((key) =>
    [key, ...key.getSubkeys()].some((part) => fingerprints.includes(part.getFingerprint())),
  );
  if (named.length === 0) throw keyringError(`No key in ${origin} has the fingerprint ${fingerprints.join(" or ")}`);
  return { keys: named, origin };
}

async function parse(bytes: Buffer, origin: string): Promise<readonly PublicKey[]> {
  if (bytes.length > MAX_FILE) throw keyringError(`The keyring ${origin} is larger than ${MAX_FILE} bytes`);
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
