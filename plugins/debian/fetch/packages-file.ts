/** Fetching a Packages index: found in a trusted Release, verified by size and hash, decompressed once. */
import { readFile } from "node:fs/promises";
import {
  ImageDslError,
  digestFromHex,
  redactUrl,
  requireWithin,
  type CompressionFormat,
  type Digest,
  type UnpackInput,
  type UnpackOutput,
} from "../../../core/index.ts";
import { storeKeyOf } from "../checksum.ts";
import { suiteFile } from "../suite-path.ts";
import type { ArchivePlace } from "./locate.ts";
import { metadataError, type Release, type ReleaseFile } from "./release.ts";
import { joinUrl, openUrl, type FetchContext, type TransferLimits, type Transport } from "./transport.ts";
import { findVerified, putVerified } from "./verified-file.ts";

/** What to fetch, in order of preference: the smallest first. */
const VARIANTS: readonly (readonly [suffix: string, format: CompressionFormat])[] = [
  [".xz", "xz"],
  [".zst", "zst"],
  [".bz2", "bz2"],
  [".gz", "gz"],
  [".lz4", "lz4"],
  ["", "none"],
];

export interface IndexPlace {
  readonly place: ArchivePlace;
  readonly suite: string;
  readonly release: Release;
}

/** Paths, below the suite, of the indexes that hold a component's packages for an architecture; a flat one has a single list. */
export function indexPaths(release: Release, component: string | undefined, architecture: string): readonly string[] {
  if (component === undefined) return ["Packages"];
  const architectures = release.separateAll && architecture !== "all" ? [architecture, "all"] : [architecture];
  return architectures.map((name) => `${component}/binary-${name}/Packages`);
}

/**
 * The text of one index; undefined where the release has none at this path. Kept in the store by its hash, so an
 * unchanged one is not fetched again. Throws `E_NETWORK`, `E_HASH_MISMATCH`, `E_DEBIAN_METADATA`, `E_COMPRESSION`.
 */
export async function readPackagesFile(
  at: IndexPlace,
  path: string,
  onProgress: (bytes: number) => void,
  context: FetchContext,
  transport: Transport,
): Promise<Buffer | undefined> {
  const variant = VARIANTS.find(([suffix]) => at.release.files.has(path + suffix));
  if (!variant) return undefined;
  const [suffix, format] = variant;
  const packed = at.release.files.get(path + suffix)!;
  const plain = at.release.files.get(path);
  const name = redactUrl(joinUrl(at.place.uri, suiteFile(at.suite, path + suffix)));
  requireWithin("debian.index", Math.max(packed.size, plain?.size ?? 0), name);

  const key = storeKeyOf((plain ?? packed).checksum);
  const unpack = async (temporary: string): Promise<Digest> => {
    const blob = await fetchIndex(at, path + suffix, packed, name, onProgress, context, transport);
    const input: UnpackInput = {
      file: blob,
      offset: 0,
      size: packed.size,
      format,
      output: temporary,
      most: plain?.size ?? "debian.index",
    };
    const made = await context.tasks.inWorker<UnpackInput, UnpackOutput>("unpack", input);
    // By SHA512 the packed bytes alone were checked; that they are the right ones is enough.
    if (plain?.checksum.algorithm === "SHA256" && made.sha256 !== digestFromHex(plain.checksum.hex)) {
      throw new ImageDslError("E_HASH_MISMATCH", `${name} unpacks to other bytes than its Release announces`, {
        hint: "The archive is inconsistent: try again later, or another mirror",
      });
    }
    return made.sha256;
  };
  return readFile(await context.store.derive("debian-lists", key, "", unpack));
}

async function fetchIndex(
  at: IndexPlace,
  path: string,
  packed: ReleaseFile,
  name: string,
  onProgress: (bytes: number) => void,
  context: FetchContext,
  transport: Transport,
): Promise<string> {
  const known = await findVerified(packed.checksum, context.store);
  if (known !== undefined) return known;
  const body = await openIndex(at, path, packed, { maxBytes: packed.size, isAnnounced: true, onProgress }, transport);
  if (!body) throw metadataError(`${name} is announced by its Release, but not there`);
  return putVerified(packed.checksum, body, name, context.store);
}

/** By its hash where the archive offers that: a mirror that is just being updated then still has what was signed. */
async function openIndex(
  { place, suite, release }: IndexPlace,
  path: string,
  packed: ReleaseFile,
  limits: TransferLimits,
  transport: Transport,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  if (release.byHash) {
    const directory = path.slice(0, path.lastIndexOf("/") + 1);
    const { algorithm, hex } = packed.checksum;
    const byHash = suiteFile(suite, `${directory}by-hash/${algorithm}/${hex}`);
    const body = await openUrl(joinUrl(place.uri, byHash), limits, transport);
    if (body) return body;
  }
  return openUrl(joinUrl(place.uri, suiteFile(suite, path)), limits, transport);
}
