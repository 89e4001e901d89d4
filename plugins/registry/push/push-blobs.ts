/**
 * An image's blobs into a repository, none that it has already. Into one that has no images, what is not made yet is sent
 * while it is made, without asking.
 */
import { digestOfBlob, type Blob, type BuildContext, type PackedManifest } from "../../../core/index.ts";
import { wholeName, type Repository } from "../repository.ts";
import { isThere } from "./is-there.ts";
import { mountBlob } from "./mount-blob.ts";
import type { UploadSession } from "./upload-session.ts";
import { uploadBlob } from "./upload-blob.ts";
import { inLanes } from "./in-lanes.ts";
import { inMemory, madeInMemory } from "./in-memory.ts";
import { refusedFeatures, type RefusedFeatures } from "./refused-features.ts";
import { otherRepository, type Whereabouts } from "../whereabouts.ts";

/** Up to here a blob is made in memory, so that its digest is known, and many are on their way at a time. */
const SMALL = 1024 * 1024;
const SMALL_AT_ONCE = 8;
/** Larger ones are sent while they are made, for which one needs all processors. */
const LARGE_AT_ONCE = 2;

/** What is believed of where blobs are: this machine's memory, then what the registry says, then nothing. */
export type Belief = "memory" | "registry" | "nothing";

export interface PushSettings {
  readonly repository: Repository;
  readonly places: Whereabouts;
  /** The repository has images: what is made anew is perhaps there all the same. */
  readonly hasImages: boolean;
  readonly belief: Belief;
  readonly tally: PushTally;
}

/** What a push came to. */
export interface PushTally {
  sentBlobs: number;
  sentBytes: number;
  mounted: number;
  present: number;
}

/** A blob that has to go, and the upload that was begun for it where a mount was tried. */
interface Missing {
  readonly blob: Blob;
  readonly session?: UploadSession;
}

export async function pushBlobs(
  { layers, config }: Pick<PackedManifest, "layers" | "config">,
  settings: PushSettings,
  context: BuildContext,
): Promise<void> {
  const { repository, places, tally } = settings;
  const { store, signal, tasks, emit } = context;
  const task = `pushing to ${wholeName(repository)}`;
  const refused = refusedFeatures(repository.client, store);
  const look = (blob: Blob): Promise<Missing | undefined> => lookFor(blob, refused, settings);

  const send = async ({ blob, session }: Missing): Promise<void> => {
    const onProgress = (bytes: number): void => {
      tally.sentBytes += bytes;
      emit({ type: "progress", task, done: tally.sentBytes, total: 0, unit: "bytes" });
    };
    const { digest } = await uploadBlob(repository, blob, { store, signal, onProgress }, session);
    tally.sentBlobs++;
    await places.remember(digest, "uploaded");
  };

  const before = tally.sentBlobs;
  const all = [...new Set(layers)];
  const coming = all.filter((layer) => layer.isComing?.());
  /** What did not come. */
  const left: Blob[] = [];
  await Promise.all([
    sendOwn(all.filter((layer) => !coming.includes(layer))),
    // Meanwhile, each as soon as it is there.
    inLanes(LARGE_AT_ONCE, coming, async (blob) => {
      const missing = (await blob.known()) === undefined ? void left.push(blob) : await look(blob);
      if (missing !== undefined) await send(missing);
    }),
  ]);
  await sendMade(left, settings, look, send);

  const { descriptor, bytes } = await config();
  const blob = inMemory(descriptor, bytes);
  // A config that names a new layer is new itself.
  const isNew = tally.sentBlobs > before;
  const place = isNew ? { blob } : await look(blob);
  if (place !== undefined) await send(place);

  async function sendOwn(blobs: readonly Blob[]): Promise<void> {
    const [made, unmade] = await byKnowledge(blobs);
    const found = await tasks.map("net", made, look);
    const missing = found.filter((each) => each !== undefined);
    const large = missing.filter((each) => !isSmall(each));
    await Promise.all([tasks.map("net", missing.filter(isSmall), send), inLanes(LARGE_AT_ONCE, large, send)]);
    await sendMade(unmade, settings, look, send);
  }
}

async function byKnowledge(
  layers: readonly Blob[],
): Promise<readonly [known: readonly Blob[], unknown: readonly Blob[]]> {
  // Other machines may have to be asked.
  const digests = await Promise.all(layers.map((layer) => layer.known()));
  return [layers.filter((_, index) => digests[index]), layers.filter((_, index) => !digests[index])];
}

/** Made in order, one after the other, as making one takes all processors; what is made is sent while the next are. */
async function sendMade(
  blobs: readonly Blob[],
  { hasImages }: PushSettings,
  lookFor: (blob: Blob) => Promise<Missing | undefined>,
  send: (missing: Missing) => Promise<void>,
): Promise<void> {
  const small: Promise<void>[] = [];
  const large: Promise<void>[] = [];
  const sendMissing = async (blob: Blob): Promise<void> => {
    const missing = hasImages ? await lookFor(blob) : { blob };
    if (missing !== undefined) await send(missing);
  };
  const begin = async (lane: Promise<void>[], atOnce: number, blob: Blob): Promise<void> => {
    if (lane.length >= atOnce) await lane.shift();
    const sent = sendMissing(blob);
    // Its failure is met when the lane is waited for.
    sent.catch(() => {});
    lane.push(sent);
  };
  try {
    for (const blob of blobs) {
      if (blob.bound <= SMALL) {
        await begin(small, SMALL_AT_ONCE, await madeInMemory(blob));
      } else if (hasImages) {
        await digestOfBlob(blob);
        await begin(large, LARGE_AT_ONCE, blob);
      } else {
        const { watched, isMade } = watchedToEnd(blob);
        await begin(large, LARGE_AT_ONCE, watched);
        await Promise.race([isMade, large.at(-1)]);
      }
    }
  } finally {
    await Promise.all([...small, ...large]);
  }
}

/** `isMade`: all of its bytes were handed out. */
function watchedToEnd(blob: Blob): { readonly watched: Blob; readonly isMade: Promise<void> } {
  let end: () => void;
  const isMade = new Promise<void>((resolve) => (end = resolve));
  async function* open(): AsyncGenerator<Uint8Array, void, undefined> {
    yield* blob.open();
    end();
  }
  return { watched: { ...blob, open }, isMade };
}

function isSmall({ blob }: Missing): boolean {
  return blob.bound <= SMALL;
}

/** Of a blob whose digest is known; undefined for what the repository has, from now on at the latest. */
async function lookFor(
  blob: Blob,
  refused: RefusedFeatures,
  { repository, places, belief, tally }: PushSettings,
): Promise<Missing | undefined> {
  if (belief === "nothing") return { blob };
  const known = (await blob.known())!;
  if (belief === "memory" && (await places.has(known.digest))) {
    tally.present++;
    return undefined;
  }
  const from = otherRepository(repository, blob.repository) ?? (await places.elsewhere(known.digest));
  const mounts = from !== undefined && !(await refused.has("mounts"));
  const session = mounts ? await mountBlob(repository, known, from, refused) : undefined;
  if (session === "mounted") {
    tally.mounted++;
  } else {
    if (!(await isThere(repository, known))) return { blob, ...(session && { session }) };
    tally.present++;
  }
  await places.remember(known.digest, "found");
  return undefined;
}
