/**
 * An upload on its way (OCI distribution specification, "Pushing blobs"). Where a registry has it is kept until it is
 * done: a process that follows one that was killed goes on from what the registry confirms.
 */
import { ImageDslError, digestOf, hexOf, isRecord, type HttpResponse, type Store } from "../../../core/index.ts";
import { scopeOf, wholeName, type Repository } from "../repository.ts";

const KIND = "uploads";

export interface UploadSession {
  readonly location: URL;
  /** Bytes that the registry has. */
  readonly offset: number;
}

/** The registry knows nothing of the upload any more, or means another one: it has to begin anew. */
export class LostUpload extends Error {}

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

export function begun({ client }: Repository, response: HttpResponse): UploadSession {
  response.discard();
  return { location: client.locationFor(response), offset: 0 };
}

/** What the registry has of it. Throws `LostUpload`. */
export async function confirmed(repository: Repository, { location }: UploadSession): Promise<UploadSession> {
  const { client } = repository;
  const scopes = [scopeOf(repository, "pull", "push")];
  const response = await client.send({ path: location, scopes, accepts: [400, 404, 405, 416] });
  response.discard();
  if (response.status >= 300) throw new LostUpload();
  return {
    location: response.headers["location"] === undefined ? location : client.locationFor(response),
    offset: offsetOf(response),
  };
}

/** Sends bytes behind those that the registry has. Throws `LostUpload`. */
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
    accepts: [404, 416],
  });
  response.discard();
  if (response.status === 404) throw new LostUpload();
  // It means another place than we do, and says which.
  if (response.status === 416) return confirmed(repository, session);
  const range = response.headers["range"];
  return {
    location: client.locationFor(response),
    offset: range === undefined ? session.offset + bytes.length : offsetOf(response),
  };
}

/** `Range: 0-LAST`. Nothing and one byte look the same: then it is nothing. */
function offsetOf({ headers, url }: HttpResponse): number {
  const last = /^(?:bytes[= ])?0-([0-9]{1,15})$/.exec(String(headers["range"] ?? ""))?.[1];
  if (last === undefined) {
    throw new ImageDslError("E_REGISTRY", `The registry ${new URL(url).host} does not say what it has of an upload`);
  }
  return last === "0" ? 0 : Number(last) + 1;
}

export interface KeptUploads {
  find(identity: string): Promise<UploadSession | undefined>;
  keep(identity: string, session: UploadSession): Promise<void>;
  drop(identity: string): Promise<void>;
}

export function keptUploads(repository: Repository, store: Store): KeptUploads {
  const keyOf = (identity: string): string => hexOf(digestOf(`${wholeName(repository)}\n${identity}`));
  return {
    async find(identity) {
      const record = await store.readRecord(KIND, keyOf(identity));
      if (!isRecord(record) || typeof record["location"] !== "string" || !URL.canParse(record["location"]))
        return undefined;
      return { location: new URL(record["location"]), offset: 0 };
    },
    keep: (identity, { location }) => store.writeRecord(KIND, keyOf(identity), { location: location.href }),
    drop: (identity) => store.writeRecord(KIND, keyOf(identity), null),
  };
}
