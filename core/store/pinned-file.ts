/** Files of the web that a config names with their sha256: fetched once, kept in the store, and from then on not asked for. */
import { join } from "node:path";
import { ImageDslError } from "../error.ts";
import { httpGet } from "../http/get.ts";
import type { HttpResponse } from "../http/request-options.ts";
import { digestFromHex, hexOf, type Digest } from "../model/digest.ts";
import type { BuildEvent } from "../model/event.ts";
import type { Tasks } from "../model/tasks.ts";
import { redactUrl } from "../redact.ts";
import { fullDisk } from "./full-disk.ts";
import type { Store } from "./store.ts";
import { writeHashed } from "./write-hashed.ts";

/** What a config says of a file of the web. */
export interface PinnedFile {
  /** http or https; credentials in it are sent, and never shown. */
  readonly url: string;
  /** 64 hex digits, with `sha256:` before them or not; empty where the user wants to be told. */
  readonly sha256: string;
}

/** As much of a `BuildContext` as fetching needs. */
export interface FetchPinnedContext {
  /** Once it fires, the download ends with the signal's reason. */
  readonly signal: AbortSignal;
  /** Is told of progress, by bytes. */
  readonly emit: (event: BuildEvent) => void;
  /** Where the file is kept by its digest, and looked for first. */
  readonly store: Store;
  /** Bounds how many are fetched at a time. */
  readonly tasks: Tasks;
}

/** A file whose bytes are those that the config names. */
export interface FetchedFile {
  /** In the store. */
  readonly file: string;
  /** The pinned one. */
  readonly digest: Digest;
}

/**
 * Throws `E_HASH_MISMATCH` where the bytes are others, or nobody said which they are; `E_NETWORK` where they cannot be had;
 * `E_NO_SPACE`.
 */
export async function fetchPinned({ url, sha256 }: PinnedFile, context: FetchPinnedContext): Promise<FetchedFile> {
  const { store, tasks } = context;
  if (sha256 === "") {
    const [found] = await tasks.map("net", [url], () => digestOfAll(url, context));
    throw new ImageDslError("E_HASH_MISMATCH", `${redactUrl(url)} has the sha256 ${found}, and the config names none`, {
      hint: `If that is the file that you want, write sha256: "${found}"`,
    });
  }
  const digest = digestFromHex(sha256.replace(/^sha256:/, ""));
  const kept = await store.findBlob(digest);
  if (kept !== undefined) return { file: kept, digest };
  const [file] = await tasks.map("net", [url], () => once(digest, store, () => fetchInto(store, url, digest, context)));
  return { file: file!, digest };
}

/** Several sources of a build may name one file. */
const underWay = new WeakMap<Store, Map<Digest, Promise<string>>>();

function once(digest: Digest, store: Store, fetch: () => Promise<string>): Promise<string> {
  const running = underWay.get(store) ?? new Map<Digest, Promise<string>>();
  underWay.set(store, running);
  const work = running.get(digest) ?? fetch().finally(() => running.delete(digest));
  running.set(digest, work);
  return work;
}

async function fetchInto(store: Store, url: string, digest: Digest, context: FetchPinnedContext): Promise<string> {
  const response = await openPage(url, context);
  try {
    return await store.putBlob(digest, response.body, redactUrl(url));
  } catch (error) {
    if (!(error instanceof ImageDslError) || error.code !== "E_HASH_MISMATCH") throw error;
    const isPage = /^text\/html\b/i.test(String(response.headers["content-type"] ?? ""));
    throw new ImageDslError("E_HASH_MISMATCH", error.message, {
      cause: error,
      hint: isPage
        ? "The server sent a web page: does the file want a login, or is it elsewhere?"
        : "The file behind the address is another one than the config means; if it is right, write its sha256 into the config",
    });
  }
}

/** It is kept under what it is, since that is what the config will say next. */
async function digestOfAll(url: string, context: FetchPinnedContext): Promise<string> {
  const { body } = await openPage(url, context);
  const folder = await context.store.temporaryDirectory("fetch");
  try {
    const temporary = join(folder.path, "file");
    const found = await writeHashed(temporary, body);
    await context.store.takeBlob(found, temporary);
    return hexOf(found);
  } catch (error) {
    throw fullDisk(error, `${redactUrl(url)} could not be kept`, "Free some space on the disk of the cache") ?? error;
  } finally {
    await folder.dispose();
  }
}

async function openPage(url: string, { signal, emit }: FetchPinnedContext): Promise<HttpResponse> {
  const shown = redactUrl(url);
  let done = 0;
  let total = 0;
  const onProgress = (bytes: number): void => {
    done += bytes;
    emit({ type: "progress", task: `fetching ${shown}`, done, total, unit: "bytes" });
  };
  const response = await httpGet(url, { signal, maxBytes: "unpack.bytes", onProgress });
  if (response.status === 200) {
    total = Number(response.headers["content-length"] ?? 0);
    return response;
  }
  response.discard();
  throw new ImageDslError("E_NETWORK", `Cannot fetch ${shown}: the server answered ${response.status}`, {
    hint:
      response.status === 401 || response.status === 403
        ? "The server wants a login, or lets nobody have it: https://USER:PASSWORD@HOST/… gives one"
        : "Check the address",
  });
}
