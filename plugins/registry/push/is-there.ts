/** Whether a repository has a blob, and which manifest: an answer counts that names it, as web pages are answers too. */
import { isDigest, type BlobDigest, type Digest } from "../../../core/index.ts";
import { finish, type RegistryAction } from "../client.ts";
import { ACCEPTED_MANIFESTS, blobPathIn, manifestPathIn, scopeOf, type Repository } from "../repository.ts";

/** `actions`: what has to be allowed there. */
export async function isThere(
  repository: Repository,
  { digest, size }: BlobDigest,
  actions: readonly RegistryAction[] = ["pull", "push"],
): Promise<boolean> {
  const { status, headers } = await look(repository, blobPathIn(repository, digest), actions);
  const { "docker-content-digest": named, "content-length": length } = headers;
  const isSame = named === undefined || named === digest;
  const isWhole = length === undefined || length === String(size);
  return status === 200 && isSame && isWhole && (named ?? length) !== undefined;
}

/** The digest behind a tag, or again a digest where that is there. */
export async function manifestDigest(repository: Repository, reference: string): Promise<Digest | undefined> {
  const { status, headers } = await look(repository, manifestPathIn(repository, reference), ["pull", "push"], {
    accept: ACCEPTED_MANIFESTS,
  });
  const digest = headers["docker-content-digest"];
  return status === 200 && isDigest(digest) ? digest : undefined;
}

async function look(
  repository: Repository,
  path: string,
  actions: readonly RegistryAction[],
  headers: Readonly<Record<string, string>> = {},
) {
  const scopes = [scopeOf(repository, ...actions)];
  const response = await repository.client.send({ method: "HEAD", path, scopes, headers, accepts: [404] });
  await finish(response);
  return response;
}
