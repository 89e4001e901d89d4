/** A package's tarball, decompressed in the store: fetched or found in npm's cache, and held against its integrity before it is read. */
import { createHash } from "node:crypto";
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import {
  ImageDslError,
  compressionOfFile,
  digestOf,
  placedIn,
  redactUrl,
  streamRegular,
  systemCodeOf,
  type BuildContext,
  type Digest,
  type UnpackInput,
  type UnpackOutput,
} from "../../../core/index.ts";
import type { LockedPackage } from "../model.ts";
import { integrityText, isStrong, parseIntegrity, storeKeyOf, type Integrity } from "./integrity.ts";
import { openAddress, publishedVersions, type RegistryClient } from "./client.ts";
import { cachedTarball } from "./npm-cache.ts";
import { registryOf, tarballAddress } from "./registry.ts";

export interface StoredTarball {
  /** The decompressed archive. */
  readonly file: string;
  /** What stands for its bytes. */
  readonly archive: Digest;
  /** 64 hex digits, for what is derived from it. */
  readonly key: string;
}

/** A package whose bytes are a tarball. */
export type TarballPackage = Pick<LockedPackage, "name" | "version"> & {
  readonly origin: Extract<LockedPackage["origin"], { kind: "registry" | "web" | "tarball" }>;
};

type TarballContext = Pick<BuildContext, "store" | "tasks" | "lock" | "signal">;

const pinSchema = v.strictObject({
  integrity: v.pipe(
    v.string(),
    v.check((text) => parseIntegrity(text) !== undefined),
  ),
});

/** Throws `E_HASH_MISMATCH`, `E_NPM_REGISTRY`, `E_NETWORK`, `E_COMPRESSION`, `E_FILES`. */
export async function storedTarball(
  each: TarballPackage,
  client: RegistryClient,
  context: TarballContext,
): Promise<StoredTarball> {
  const written = writtenFor(each.origin);
  const strong = written !== undefined && isStrong(written) ? written : pinnedFor(each, context);
  const key = strong && storeKeyOf(strong);
  const kept = key === undefined ? undefined : await context.store.findDerived("packages", key, ".tar");
  if (strong !== undefined && key !== undefined && kept !== undefined) return stored(kept, key, strong);

  const folder = await context.store.temporaryDirectory("npm");
  try {
    const file = join(folder.path, "package.tgz");
    const expected = [strong, written].flatMap((sum) => sum ?? []);
    const found = await fetchInto(file, each, expected, client);
    const known = strong ?? found;
    if (strong === undefined && each.origin.kind !== "tarball") pin(each, found, context);
    const unpacked = await context.store.derive("packages", storeKeyOf(known), ".tar", async (output) => {
      const { size } = await stat(file);
      const format = await compressionOfFile(file);
      const input: UnpackInput = { file, offset: 0, size, format, output };
      const unpack = () => context.tasks.inWorker<UnpackInput, UnpackOutput>("unpack", input);
      return (await placedIn(nameOf(each), unpack)).sha256;
    });
    return stored(unpacked, storeKeyOf(known), known);
  } finally {
    await folder.dispose();
  }
}

/** What stands for the bytes of a tarball, where the project's lock says enough of them. */
export function strongKey(origin: TarballPackage["origin"]): string | undefined {
  const written = writtenFor(origin);
  return written !== undefined && isStrong(written) ? storeKeyOf(written) : undefined;
}

function writtenFor({ integrity }: TarballPackage["origin"]): Integrity | undefined {
  return integrity === undefined ? undefined : parseIntegrity(integrity);
}

function stored(file: string, key: string, integrity: Integrity): StoredTarball {
  return { file, key, archive: digestOf(`npm:${integrityText(integrity)}`) };
}

/** What no lock of the project pins by a sum that can be trusted, ours does. */
/** What lies in the project is as it is there. */
function pinnedFor(each: TarballPackage, { lock }: TarballContext): Integrity | undefined {
  if (each.origin.kind === "tarball") return undefined;
  const answer = lock.read("npm", nameOf(each), pinRequest(each), pinSchema);
  return answer && parseIntegrity(answer.integrity);
}

function pin(each: TarballPackage, found: Integrity, { lock }: TarballContext): void {
  lock.write("npm", nameOf(each), pinRequest(each), { integrity: integrityText(found) });
}

function pinRequest({ name, version, origin }: TarballPackage) {
  const { integrity } = origin;
  return {
    name,
    version,
    ...(origin.kind === "web" && { url: redactUrl(origin.url) }),
    ...(integrity && { integrity }),
  };
}

/** Writes the tarball, and gives its SHA-512. Throws `E_HASH_MISMATCH` where it is not what was expected. */
async function fetchInto(
  file: string,
  each: TarballPackage,
  expected: readonly Integrity[],
  client: RegistryClient,
): Promise<Integrity> {
  const cached = expected.map((sum) => cachedTarball(sum, client.settings)).find((path) => path !== undefined);
  if (cached !== undefined) {
    try {
      return await writeChecked(file, streamRegular(cached), expected, `npm's cache of ${nameOf(each)}`);
    } catch {
      // A cache may be damaged; the registry is asked then.
    }
  }
  if (each.origin.kind === "tarball") {
    return writeChecked(file, streamRegular(each.origin.file), expected, each.origin.file).catch((cause: unknown) => {
      if (systemCodeOf(cause) === undefined) throw cause;
      throw new ImageDslError(
        "E_FILES",
        `Cannot read ${(each.origin as { file: string }).file}, which the lock names`,
        {
          cause,
        },
      );
    });
  }
  const { address, body } = await openTarball(each, client);
  return writeChecked(file, body, expected, redactUrl(address));
}

interface OpenTarball {
  readonly address: string;
  readonly body: AsyncIterable<Uint8Array>;
}

async function openTarball(each: TarballPackage, client: RegistryClient): Promise<OpenTarball> {
  const { name, version, origin } = each;
  const url = origin.kind === "tarball" ? undefined : origin.url;
  const first =
    origin.kind === "web"
      ? origin.url
      : url !== undefined
        ? tarballAddress(url, name, client.settings)
        : // What registries use by convention; its bytes are checked, or pinned.
          `${registryOf(name, client.settings)}${name}/-/${name.split("/").at(-1)}-${version}.tgz`;
  const response = await openAddress(first, "unpack.bytes", client);
  if (response !== undefined) return { address: first, body: response.body };
  const published = url === undefined ? (await publishedVersions(name, client)).get(version) : undefined;
  if (published !== undefined && published.tarball !== first) {
    const other = await openAddress(published.tarball, "unpack.bytes", client);
    if (other !== undefined) return { address: published.tarball, body: other.body };
  }
  throw new ImageDslError("E_NPM_REGISTRY", `${nameOf(each)} is not at ${redactUrl(first)}`, {
    hint: "Was it withdrawn? npm install with another version writes the lock anew",
  });
}

async function writeChecked(
  file: string,
  bytes: AsyncIterable<Uint8Array>,
  expected: readonly Integrity[],
  from: string,
): Promise<Integrity> {
  const algorithms = new Set(["sha512" as const, ...expected.map(({ algorithm }) => algorithm)]);
  const hashes = new Map([...algorithms].map((algorithm) => [algorithm, createHash(algorithm)]));
  const target = await open(file, "w", 0o600);
  try {
    for await (const piece of bytes) {
      for (const hash of hashes.values()) hash.update(piece);
      await target.writeFile(piece);
    }
  } finally {
    await target.close();
  }
  const found = new Map(Array.from(hashes, ([algorithm, hash]) => [algorithm, hash.digest("base64")]));
  for (const { algorithm, base64 } of expected) {
    if (found.get(algorithm) === base64) continue;
    throw new ImageDslError(
      "E_HASH_MISMATCH",
      `${from} has the integrity ${algorithm}-${found.get(algorithm)}, but the lock says ${algorithm}-${base64}`,
      {
        hint: "Try again; if it stays, the registry or a proxy on the way changes packages, or the lock is of another registry",
      },
    );
  }
  return { algorithm: "sha512", base64: found.get("sha512")! };
}

function nameOf({ name, version }: Pick<TarballPackage, "name" | "version">): string {
  return `${name}@${version}`;
}
