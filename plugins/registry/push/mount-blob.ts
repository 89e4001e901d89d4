/** A blob out of another repository of the same registry, without its bytes passing here. */
import { ImageDslError, type BlobDigest } from "../../../core/index.ts";
import { finish } from "../client.ts";
import { RegistryRefusal } from "../refusal.ts";
import { scopeOf, type Repository } from "../repository.ts";
import type { RefusedFeatures } from "./refused-features.ts";
import { checkStored } from "./stored-digest.ts";
import { BEGIN_AGAIN, begun, type UploadSession } from "./upload-session.ts";

/** Where the registry does not mount, it may begin an upload instead; and it may refuse, as where `from` is not ours to read. */
export async function mountBlob(
  repository: Repository,
  { digest }: BlobDigest,
  from: string,
  refused: RefusedFeatures,
): Promise<"mounted" | UploadSession | undefined> {
  const { client, name } = repository;
  const query = new URLSearchParams({ mount: digest, from });
  try {
    const response = await client.send({
      method: "POST",
      path: `${name}/blobs/uploads/?${query}`,
      scopes: [scopeOf(repository, "pull", "push"), { repository: from, actions: ["pull"] }],
      retry: BEGIN_AGAIN,
      accepts: [201],
    });
    if (response.status !== 201) return await begun(repository, response);
    await finish(response);
    checkStored(repository, "blob", digest, response);
    return "mounted";
  } catch (error) {
    if (!(error instanceof ImageDslError) || !MOUNT_REFUSED.has(error.code)) throw error;
    if (error instanceof RegistryRefusal) await refused.add("mounts", error.refused.status);
    return undefined;
  }
}

const MOUNT_REFUSED = new Set(["E_REGISTRY", "E_REGISTRY_AUTH"]);
