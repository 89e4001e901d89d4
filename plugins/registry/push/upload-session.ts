/** An upload on its way (OCI distribution specification, "Pushing blobs"). */
import {
  ImageDslError,
  REGISTRIES_MAY_REFUSE,
  type BlobDigest,
  type HttpBody,
  type HttpResponse,
} from "../../../core/index.ts";
import { finish } from "../client.ts";
import { scopeOf, type Repository } from "../repository.ts";
import { checkStored } from "./stored-digest.ts";

export interface UploadSession {
  readonly location: URL;
  /** Bytes that the registry has. */
  readonly offset: number;
}

/** The registry knows nothing of the upload any more, or means another one: it has to begin anew. */
export class LostUpload extends Error {}

/** The registry takes a blob in one request only. */
export class PiecesRefused extends Error {
  readonly status: number;

  constructor(status: number) {
    super();
    this.status = status;
  }
}

export async function beginUpload(repository: Repository): Promise<UploadSession> {
  const response = await repository.client.send({
    method: "POST",
    path: `${repository.name}/blobs/uploads/`,
    scopes: [scopeOf(repository, "pull", "push")],
    retry: BEGIN_AGAIN,
  });
  return begun(repository, response);
}

/** To begin an upload twice leaves one that nobody goes on with; registries remove those. */
export const BEGIN_AGAIN = { attempts: 4, delay: 500 };

export async function begun({ client }: Repository, response: HttpResponse): Promise<UploadSession> {
  await finish(response);
  return { location: client.locationFor(response), offset: 0 };
}

/** What the registry has of it. Throws `LostUpload`. */
export async function confirmed(repository: Repository, location: URL): Promise<UploadSession> {
  const { client } = repository;
  const scopes = [scopeOf(repository, "pull", "push")];
  const response = await client.send({ path: location, scopes, accepts: [202, 204, 400, 404, 405, 410, 416] });
  await finish(response);
  if (response.status >= 300) throw new LostUpload();
  return {
    location: response.headers["location"] === undefined ? location : client.locationFor(response),
    offset: offsetOf(response),
  };
}

/** Sends bytes behind those that the registry has. Throws `LostUpload`, `PiecesRefused`. */
export async function sendPiece(
  repository: Repository,
  session: UploadSession,
  bytes: Uint8Array,
): Promise<UploadSession> {
  const { client } = repository;
  const response = await client.send({
    method: "PATCH",
    path: session.location,
    scopes: [scopeOf(repository, "pull", "push")],
    headers: {
      "content-type": "application/octet-stream",
      "content-range": `${session.offset}-${session.offset + bytes.length - 1}`,
    },
    body: bytes,
    accepts: [404, 410, 416, ...REFUSES_PIECES],
  });
  await finish(response);
  const { status, headers } = response;
  if (status === 404 || status === 410) throw new LostUpload();
  if (REFUSES_PIECES.includes(status)) throw new PiecesRefused(status);
  // It means another place than we do, and says which.
  if (status === 416) return confirmed(repository, session.location);
  return {
    location: headers["location"] === undefined ? session.location : client.locationFor(response),
    offset: headers["range"] === undefined ? session.offset + bytes.length : offsetOf(response),
  };
}

const REFUSES_PIECES = [...REGISTRIES_MAY_REFUSE.pieces.forGood, ...REGISTRIES_MAY_REFUSE.pieces.forNow];

/** Ends an upload with what is left of the blob. Throws `LostUpload`. */
export async function finishUpload(
  repository: Repository,
  { location }: UploadSession,
  { digest }: BlobDigest,
  rest: HttpBody = new Uint8Array(0),
): Promise<void> {
  const url = new URL(location);
  url.searchParams.set("digest", digest);
  const response = await repository.client.send({
    method: "PUT",
    path: url,
    scopes: [scopeOf(repository, "pull", "push")],
    headers: { "content-type": "application/octet-stream" },
    body: rest,
    accepts: [404, 410, 416],
  });
  await finish(response);
  if (response.status >= 300) throw new LostUpload();
  checkStored(repository, "blob", digest, response);
}

/** `Range: 0-LAST`. Nothing and one byte look the same: then it is nothing. */
function offsetOf({ headers, url }: HttpResponse): number {
  const last = /^(?:bytes[= ])?0-([0-9]{1,15})$/.exec(String(headers["range"] ?? ""))?.[1];
  if (last === undefined) {
    throw new ImageDslError("E_REGISTRY", `The registry ${new URL(url).host} does not say what it has of an upload`);
  }
  return last === "0" ? 0 : Number(last) + 1;
}
