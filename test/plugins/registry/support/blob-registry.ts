/**
 * A registry in memory that does what the OCI distribution specification says, and whose answers a test may replace:
 * for the faults that befall pushes and pulls.
 */
import { digestOf } from "../../../../core/model/digest.ts";
import { scriptedRegistry, type Exchange, type ScriptedRegistry } from "./scripted-registry.ts";

/** True where it has answered, or broken the connection; then nothing else is done. */
export type Fault = (exchange: Exchange, line: string) => boolean | Promise<boolean>;

export interface BlobRegistry extends ScriptedRegistry {
  readonly blobs: Map<string, Buffer>;
  /** By tag and by digest. */
  readonly manifests: Map<string, StoredManifest>;
  /** Bytes of each upload, by its number. */
  readonly uploads: Map<string, Buffer[]>;
  /** Bytes of blobs that came, those of broken requests among them. */
  received(): number;
}

export interface StoredManifest {
  readonly type: string;
  readonly bytes: Buffer;
}

export async function blobRegistry(fault: Fault = () => false): Promise<BlobRegistry> {
  const blobs = new Map<string, Buffer>();
  const manifests = new Map<string, StoredManifest>();
  const uploads = new Map<string, Buffer[]>();
  let received = 0;
  let begun = 0;

  const handled = async (exchange: Exchange): Promise<void> => {
    const { request, url, answer, refuse } = exchange;
    if (await fault(exchange, `${request.method} ${url.pathname}`)) return;
    const [, name = "", kind = "", reference = ""] =
      /^\/v2\/(.+)\/(blobs\/uploads|blobs|manifests|tags)\/(.*)$/.exec(url.pathname) ?? [];
    const place = `${request.method} ${kind}`;
    if (place === "POST blobs/uploads") {
      const mount = url.searchParams.get("mount");
      if (mount !== null && blobs.has(mount)) return answer(201, { location: `/v2/${name}/blobs/${mount}` });
      uploads.set(String(++begun), []);
      return answer(202, { location: `/v2/${name}/blobs/uploads/${begun}` });
    }
    if (place === "GET tags" && manifests.size > 0) return answer(200, {}, { name, tags: ["1"] });
    if (kind === "blobs/uploads") return upload(exchange, reference);
    const stored = kind === "manifests" ? manifests.get(reference) : undefined;
    if (place === "PUT manifests") {
      const bytes = await exchange.body();
      const missing = [...bytes.toString().matchAll(/sha256:[0-9a-f]{64}/g)].find(
        ([digest]) => !blobs.has(digest) && !manifests.has(digest),
      );
      if (missing) return refuse(400, "MANIFEST_BLOB_UNKNOWN", `${missing[0]} is not here`);
      const digest = digestOf(bytes);
      for (const key of [reference, digest]) manifests.set(key, { type: request.headers["content-type"]!, bytes });
      return answer(201, { "docker-content-digest": digest });
    }
    if (kind === "manifests" && stored) {
      const headers = { "content-type": stored.type, "docker-content-digest": digestOf(stored.bytes) };
      return answer(200, headers, request.method === "HEAD" ? undefined : stored.bytes);
    }
    const blob = kind === "blobs" ? blobs.get(reference) : undefined;
    if (blob === undefined) return refuse(404, kind === "blobs" ? "BLOB_UNKNOWN" : "MANIFEST_UNKNOWN");
    if (request.method === "HEAD") return answer(200, { "content-length": String(blob.length) });
    const from = /^bytes=([0-9]+)-$/.exec(request.headers.range ?? "")?.[1];
    if (from === undefined) return answer(200, {}, blob);
    const range = `bytes ${from}-${blob.length - 1}/${blob.length}`;
    return answer(206, { "content-range": range }, blob.subarray(Number(from)));
  };

  async function upload({ request, url, answer, refuse }: Exchange, id: string): Promise<void> {
    const pieces = uploads.get(id);
    if (pieces === undefined) return refuse(404, "BLOB_UPLOAD_UNKNOWN");
    const size = () => pieces.reduce((sum, { length }) => sum + length, 0);
    const headers = () => ({ location: url.pathname, range: `0-${Math.max(0, size() - 1)}` });
    const from = /^([0-9]+)-/.exec(request.headers["content-range"] ?? "")?.[1];
    if (from !== undefined && Number(from) !== size()) return answer(416, headers());
    try {
      for await (const piece of request) {
        received += (piece as Buffer).length;
        pieces.push(piece as Buffer);
      }
    } catch {
      return; // Whoever sent it is gone; what came of it stays.
    }
    if (request.method === "GET") return answer(204, headers());
    if (request.method === "PATCH") return answer(202, headers());
    const bytes = Buffer.concat(pieces);
    const digest = url.searchParams.get("digest")!;
    uploads.delete(id);
    if (digestOf(bytes) !== digest) return refuse(400, "DIGEST_INVALID", "other bytes");
    blobs.set(digest, bytes);
    return answer(201, { location: `/v2/blobs/${digest}` });
  }

  const registry = await scriptedRegistry({ "* *": handled });
  return { ...registry, blobs, manifests, uploads, received: () => received };
}

/** Closes the connection when so many bytes of the request's body have come, and keeps them in no upload. */
export async function breakAfter({ request, response }: Exchange, bytes: number): Promise<true> {
  let came = 0;
  for await (const piece of request) if ((came += (piece as Buffer).length) >= bytes) break;
  response.destroy();
  return true;
}
