/** Getting a file of an archive, wherever the archive is: http and https through core, `file:` and `copy:` from the disk. */
import {
  ImageDslError,
  beyond,
  httpGet,
  isWithin,
  limitOf,
  messageOf,
  openRegular,
  redactUrl,
  streamRegular,
  systemCodeOf,
  withoutEndSlashes,
  type BuildContext,
  type Most,
} from "../../../core/index.ts";
import { aptProxy, type AptSettings } from "./apt-conf.ts";

/** What fetching needs of a build. */
export type FetchContext = Pick<BuildContext, "signal" | "emit" | "store" | "shared" | "deferral" | "tasks">;

export interface Transport {
  readonly signal: AbortSignal;
  readonly settings: AptSettings;
}

export interface TransferLimits {
  readonly maxBytes: Most;
  /** `maxBytes` is the size that a signed index announces: a larger file is another one, which is no fault of the network. */
  readonly isAnnounced?: boolean;
  readonly onProgress?: (bytes: number) => void;
}

/** The body, or undefined where the archive says that there is no such file. Throws `E_NETWORK`, `E_HASH_MISMATCH`. */
export function openUrl(
  url: string,
  limits: TransferLimits,
  transport: Transport,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  return /^(file|copy):/.test(url) ? openFile(url, limits, transport.signal) : openHttp(url, limits, transport);
}

/**
 * The address of a file below an archive's own; the path is made of parts that need no trust. `+` is encoded, as apt
 * does: the storage of some vendors takes it for a space.
 */
export function joinUrl(base: string, path: string): string {
  const encoded = path
    .split("/")
    .map((part) => encodeURIComponent(part).replace(/%(3A|40|3D)/g, (code) => decodeURIComponent(code)))
    .join("/");
  return `${withoutEndSlashes(base)}/${encoded}`;
}

async function openHttp(
  url: string,
  limits: TransferLimits,
  { signal, settings }: Transport,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  const proxy = aptProxy(settings, url);
  const { maxBytes, isAnnounced = false } = limits;
  // What is too large in a way of its own is counted here.
  const most = isAnnounced ? Number.MAX_SAFE_INTEGER : maxBytes;
  const response = await httpGet(url, { signal, ...limits, maxBytes: most, ...(proxy !== undefined && { proxy }) });
  if (response.status === 200) return isAnnounced ? asAnnounced(url, response.body, limitOf(maxBytes)) : response.body;
  response.discard();
  if (response.status === 404 || response.status === 410) return undefined;
  const by = response.proxy === undefined ? "the server" : `the server, or the proxy ${response.proxy},`;
  throw new ImageDslError("E_NETWORK", `Cannot fetch ${redactUrl(url)}: ${by} answered ${response.status}`, {
    hint: hintFor(response.status, response.proxy),
  });
}

function hintFor(status: number, proxy: string | undefined): string {
  const isRefusal = status === 401 || status === 403;
  if (status === 407)
    return "The proxy wants a user and a password: write them before its host, in http_proxy or in apt's configuration";
  if (isRefusal && proxy !== undefined)
    return "Check whether the proxy lets the mirror's address pass, and whether this host may use the mirror";
  if (isRefusal) return "Check the credentials in the mirror's address, and whether this host may use the mirror";
  return proxy === undefined ? "Check the mirror's address" : "Check the mirror's address and the proxy";
}

async function openFile(
  url: string,
  limits: TransferLimits,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  const path = decodeURIComponent(url.replace(/^(file|copy):(\/\/(localhost)?(?=\/))?/, ""));
  let size: number;
  try {
    const file = await openRegular(path);
    size = (await file.stat()).size;
    await file.close();
  } catch (cause) {
    if (systemCodeOf(cause) === "ENOENT" || systemCodeOf(cause) === "ENOTDIR") return undefined;
    throw new ImageDslError("E_NETWORK", `Cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
  if (!isWithin(limits.maxBytes, size)) {
    if (limits.isAnnounced) throw notAsAnnounced(path, limitOf(limits.maxBytes));
    throw tooLarge(path, limits.maxBytes);
  }
  return limits.isAnnounced
    ? asAnnounced(url, readPieces(path, limits, signal), limitOf(limits.maxBytes))
    : readPieces(path, limits, signal);
}

async function* asAnnounced(
  url: string,
  body: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let received = 0;
  for await (const piece of body) {
    received += piece.length;
    if (received > size) throw notAsAnnounced(redactUrl(url), size);
    yield piece;
  }
}

function notAsAnnounced(name: string, size: number): ImageDslError {
  return new ImageDslError("E_HASH_MISMATCH", `${name} is larger than the ${size} bytes that were announced`, {
    hint: "Try again; if it stays, the mirror or a proxy on the way changes files",
  });
}

function tooLarge(path: string, most: Most): ImageDslError {
  return new ImageDslError("E_NETWORK", `Cannot read ${path}: it has ${beyond(most)}`);
}

async function* readPieces(
  path: string,
  { onProgress, maxBytes }: TransferLimits,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  let received = 0;
  for await (const piece of streamRegular(path)) {
    signal.throwIfAborted();
    onProgress?.(piece.length);
    yield piece;
    // It may have grown since it was looked at.
    if (!isWithin(maxBytes, (received += piece.length))) throw tooLarge(path, maxBytes);
  }
}
