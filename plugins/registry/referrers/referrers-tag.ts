/**
 * The index of an image's referrers under a tag, where a registry has no API for them (OCI distribution specification 1.1,
 * "Referrers Tag Schema").
 */
import { join } from "node:path";
import {
  ImageDslError,
  MEDIA_TYPE,
  canonicalJson,
  descriptorJson,
  digestOf,
  exclusively,
  hexOf,
  parseJson,
  pause,
  readIndex,
  type Descriptor,
  type Digest,
  type Json,
  type StageContext,
} from "../../../core/index.ts";
import { finish } from "../client.ts";
import { manifestPathIn, scopeOf, wholeName, type Repository } from "../repository.ts";
import { wholeAnswer } from "../whole-answer.ts";

interface TaggedIndex {
  readonly listed: readonly Descriptor[];
  /** As it stands there, with what nobody here knows; undefined where there is none. */
  readonly document: Readonly<Record<string, Json>> | undefined;
  readonly etag?: string;
}

const ATTEMPTS = 6;
/** Milliseconds in which another writer, who began at the same moment, is done. */
const SETTLE = 300;

export function referrersTag(subject: Digest): string {
  return subject.replace(":", "-");
}

export async function referrersUnderTag(
  repository: Repository,
  subject: Digest,
  signal: AbortSignal,
): Promise<readonly Descriptor[]> {
  return (await read(repository, subject, signal)).listed;
}

/**
 * Adds to the index what it has not. Of this machine one at a time does so; of others a registry that knows conditions
 * refuses the second, and elsewhere it is looked whether what was written stayed. Throws `E_REGISTRY` and its like.
 */
export async function listUnderTag(
  repository: Repository,
  subject: Digest,
  added: Descriptor,
  { store, signal }: Pick<StageContext, "store" | "signal">,
): Promise<void> {
  const name = hexOf(digestOf(`${wholeName(repository)}\n${subject}`));
  await exclusively(join(store.directory, `referrers-${name}.lock`), signal, async () => {
    for (let attempt = 1; ; attempt++) {
      const before = await read(repository, subject, signal);
      if (isListed(before, added)) return;
      if (attempt > ATTEMPTS) throw notKept(repository, subject);
      if (!(await write(repository, subject, before, added))) continue;
      await pause(SETTLE, signal);
    }
  });
}

function isListed({ listed }: TaggedIndex, { digest }: Descriptor): boolean {
  return listed.some((each) => each.digest === digest);
}

async function read(repository: Repository, subject: Digest, signal: AbortSignal): Promise<TaggedIndex> {
  const path = manifestPathIn(repository, referrersTag(subject));
  const { response, bytes } = await wholeAnswer(
    () =>
      repository.client.send({
        path,
        scopes: [scopeOf(repository, "pull")],
        headers: { accept: MEDIA_TYPE.oci.index },
        maxBytes: "registry.answer",
        accepts: [404],
      }),
    signal,
  );
  if (response.status === 404) return { listed: [], document: undefined };
  const shown = `${wholeName(repository)}:${referrersTag(subject)}`;
  const listed = readIndex(shown, bytes, MEDIA_TYPE.oci.index);
  const document = parseJson(shown, bytes, "its index");
  const { etag } = response.headers;
  return {
    listed,
    document: document as Readonly<Record<string, Json>>,
    ...(typeof etag === "string" && { etag }),
  };
}

/** False where another was quicker. */
async function write(
  repository: Repository,
  subject: Digest,
  { document, etag }: TaggedIndex,
  added: Descriptor,
): Promise<boolean> {
  const manifests = [...((document?.["manifests"] as readonly Json[] | undefined) ?? []), descriptorJson(added)];
  const body = canonicalJson({ ...document, schemaVersion: 2, mediaType: MEDIA_TYPE.oci.index, manifests });
  // Who knows conditions refuses what was read before another wrote; others take no notice.
  const condition: Readonly<Record<string, string>> =
    document === undefined ? { "if-none-match": "*" } : etag === undefined ? {} : { "if-match": etag };
  const response = await repository.client.send({
    method: "PUT",
    path: manifestPathIn(repository, referrersTag(subject)),
    scopes: [scopeOf(repository, "pull", "push")],
    headers: { "content-type": MEDIA_TYPE.oci.index, ...condition },
    body: Buffer.from(body),
    accepts: [409, 412],
  });
  await finish(response);
  return response.status < 300;
}

function notKept(repository: Repository, subject: Digest): ImageDslError {
  return new ImageDslError(
    "E_REGISTRY",
    `The registry does not keep what is added to ${wholeName(repository)}:${referrersTag(subject)}`,
    { hint: "Attach again when nobody else does" },
  );
}
