/** Whether a repository has a blob. */
import type { BlobDigest } from "../../../core/index.ts";
import { finish } from "../client.ts";
import { blobPathIn, scopeOf, type Repository } from "../repository.ts";

export async function isThere(repository: Repository, { digest }: BlobDigest): Promise<boolean> {
  const response = await repository.client.send({
    method: "HEAD",
    path: blobPathIn(repository, digest),
    scopes: [scopeOf(repository, "pull", "push")],
    accepts: [404],
  });
  await finish(response);
  return response.status === 200;
}
