/** Fetching packages from an archive's pool into the store, several at a time, unpacking each as soon as it is there. */
import { ImageDslError, redactUrl, withoutEndSlashes } from "../../../core/index.ts";
import { identityOf, type Checksum } from "../checksum.ts";
import { poolPath } from "../resolve/index.ts";
import { readAptSettings } from "./apt-conf.ts";
import { findDeferredDeb, readDeb } from "./deb.ts";
import { at, warnOfFailedPlace, type NamedPlace } from "./failed-place.ts";
import type { DebContents } from "./deb-index.ts";
import type { ArchivePlace, SuiteLocation } from "./locate.ts";
import { joinUrl, openUrl, type FetchContext, type Transport } from "./transport.ts";
import { findVerified, putVerified } from "./verified-file.ts";

/** A package as a Packages index or the lock describes it. */
export interface PoolFile {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Below the archive's address: `pool/main/r/redis/redis-server_7.0.15-1_amd64.deb`. */
  readonly filename: string;
  readonly size: number;
  readonly checksum: Checksum;
  /** The suite it is from: `bookworm-security`, or with its component. */
  readonly archive: string;
}

interface PoolLocation extends Pick<SuiteLocation, "label" | "isFurther"> {
  readonly places: readonly PoolPlace[];
}

type PoolPlace = Pick<ArchivePlace, "uri"> & Partial<NamedPlace>;

export interface PoolPlaces {
  /** Asked for only when something has to be fetched. */
  readonly locate: () => Promise<readonly PoolLocation[]>;
  /** An archive that keeps old files, for what is gone from the others. */
  readonly snapshot?: string | undefined;
}

export interface DebPackage extends DebContents {
  readonly file: PoolFile;
}

/**
 * Packages in the order of `files`. What the store has is not fetched. `root` is where the host's files begin.
 * Throws `E_DEBIAN_POOL_GONE` where no place has a file any more, `E_HASH_MISMATCH`, `E_NETWORK` and what `readDeb` throws.
 */
export async function fetchPackages(
  files: readonly PoolFile[],
  places: PoolPlaces,
  context: FetchContext,
  root: string = "/",
): Promise<readonly DebPackage[]> {
  const known = await context.tasks.map("io", files, (file) => findVerified(file.checksum, context.store));
  const deferred = await context.tasks.map("net", files, async (file, index) =>
    known[index] === undefined ? findDeferred(file, places, context, root) : undefined,
  );
  const missing = files.filter((_, index) => known[index] === undefined && deferred[index] === undefined);
  const fetching = missing.length === 0 ? undefined : await prepare(places, missing, context, root);
  const unpacked = counter("Unpacking packages", files.length, context);

  const opened: Promise<DebPackage>[] = [];
  try {
    await context.tasks.map("net", files, async (file, index) => {
      const elsewhere = deferred[index];
      if (elsewhere !== undefined) {
        opened[index] = Promise.resolve(elsewhere);
        return unpacked();
      }
      const blob = known[index] ?? (await fetchDeb(file, fetching!, context));
      // Not waited for here: the next download must not wait for a processor.
      const opening = openPackage(file, blob, context).finally(unpacked);
      opening.catch(() => {});
      opened[index] = opening;
    });
    return await Promise.all(opened);
  } catch (error) {
    // Nothing may still write to the store when the caller hears of it.
    await Promise.allSettled(opened);
    throw error;
  }
}

async function findDeferred(
  file: PoolFile,
  places: PoolPlaces,
  context: FetchContext,
  root: string,
): Promise<DebPackage | undefined> {
  const bring = async (): Promise<void> => {
    const blob = await fetchDeb(file, await prepare(places, [file], context, root), context);
    await openPackage(file, blob, context);
  };
  const contents = await findDeferredDeb(identityOf(file.checksum), bring, context);
  return contents && { file, ...contents };
}

interface Fetching {
  readonly locations: readonly PoolLocation[];
  readonly snapshot: string | undefined;
  readonly transport: Transport;
  readonly onProgress: (bytes: number) => void;
  /** A place failed for a file that another one had. */
  readonly onFailure: (uri: string, failure: unknown) => void;
}

async function prepare(
  places: PoolPlaces,
  missing: readonly PoolFile[],
  context: FetchContext,
  root: string,
): Promise<Fetching> {
  const total = missing.reduce((sum, file) => sum + file.size, 0);
  const failed = new Set<string>();
  let done = 0;
  return {
    locations: await places.locate(),
    snapshot: places.snapshot,
    transport: { signal: context.signal, settings: await readAptSettings(root) },
    onProgress: (bytes) => {
      done += bytes;
      context.emit({ type: "progress", task: "Fetching packages", done, total, unit: "bytes" });
    },
    onFailure: (uri, failure) => {
      // One file stands for all that a place fails to give.
      if (!failed.has(uri)) warnOfFailedPlace(failure, context);
      failed.add(uri);
    },
  };
}

async function fetchDeb(file: PoolFile, fetching: Fetching, context: FetchContext): Promise<string> {
  const path = pathOf(file);
  const places = placesOf(file, fetching);
  const failures = new Map<string, unknown>();
  for (const place of places) {
    const { uri } = place;
    const limits = { maxBytes: file.size, isAnnounced: true, onProgress: fetching.onProgress };
    try {
      const blob = await at(place, async () => {
        const body = await openUrl(joinUrl(uri, path), limits, fetching.transport);
        return body && putVerified(file.checksum, body, redactUrl(joinUrl(uri, path)), context.store);
      });
      if (blob === undefined) continue;
      for (const [failed, error] of failures) fetching.onFailure(failed, error);
      return blob;
    } catch (error) {
      if (context.signal.aborted || !isPlacesOwn(error)) throw error;
      failures.set(uri, error);
    }
  }
  const last = [...failures.values()].at(-1);
  if (last !== undefined) throw last;
  throw new ImageDslError(
    "E_DEBIAN_POOL_GONE",
    `${displayName(file)} is gone from ${places.map(({ uri }) => redactUrl(uri)).join(", ")}`,
    {
      hint: "Set snapshot: in debian({ … }) to an archive that keeps old packages, or take newer ones: image-dsl build --update-lock",
    },
  );
}

/** What is wrong with one place, and not with this host. */
function isPlacesOwn(error: unknown): boolean {
  return error instanceof ImageDslError && (error.code === "E_NETWORK" || error.code === "E_HASH_MISMATCH");
}

/**
 * The places of its own suite first; its hash makes every other one as good. What a further archive has is nobody else's
 * business: only that one is asked for it, and for nothing else.
 */
function placesOf(file: PoolFile, { locations, snapshot }: Fetching): readonly PoolPlace[] {
  const own = locations.filter(({ label }) => file.archive === label || file.archive.startsWith(`${label}/`));
  const isFurther = own.some((location) => location.isFurther);
  const others = isFurther ? [] : locations.filter((location) => !location.isFurther);
  const all = [...own, ...others].flatMap((location) => location.places);
  const more = snapshot === undefined || isFurther ? [] : [snapshotPlace(snapshot)];
  const byUri = new Map<string, PoolPlace>();
  for (const place of [...all, ...more]) if (!byUri.has(place.uri)) byUri.set(place.uri, place);
  return [...byUri.values()];
}

function snapshotPlace(address: string): PoolPlace {
  return { uri: withoutEndSlashes(address), origin: "config", namedBy: "snapshot: in debian({ … })" };
}

/** The path comes from the archive, or from a lock that somebody sent. Throws `E_DEBIAN_METADATA`. */
function pathOf(file: PoolFile): string {
  const path = poolPath(file.filename);
  if (path !== undefined) return path;
  const written = file.filename.slice(0, 120);
  throw new ImageDslError("E_DEBIAN_METADATA", `The path of ${displayName(file)} leaves the archive: "${written}"`, {
    hint: "The archive serves damaged metadata: try again later, or another mirror",
  });
}

async function openPackage(file: PoolFile, blob: string, context: FetchContext): Promise<DebPackage> {
  const contents = await readDeb({ file: blob, identity: identityOf(file.checksum), name: displayName(file) }, context);
  return { file, ...contents };
}

function displayName({ name, version, architecture }: PoolFile): string {
  return `${name} ${version} (${architecture})`;
}

function counter(task: string, total: number, context: FetchContext): () => void {
  let done = 0;
  return () => {
    done++;
    context.emit({ type: "progress", task, done, total, unit: "items" });
  };
}
