/** Whether what was sent has arrived: a registry says that it made it, and where or what it is. */
import { ImageDslError, isDigest, type Digest, type HttpResponse } from "../../../core/index.ts";
import { noRegistry } from "../no-registry.ts";
import { wholeName, type Repository } from "../repository.ts";

/** Statuses that some registries have for a manifest beside 201, which alone say nothing. */
export const ALSO_STORED = [200, 202];

/** `what`: "manifest" or "blob". Throws `E_REGISTRY` where another thing is stored, or nothing says that it is. */
export function checkStored(repository: Repository, what: string, digest: Digest, response: HttpResponse): void {
  const { status, headers } = response;
  const stored = headers["docker-content-digest"];
  if (isDigest(stored) && stored !== digest) {
    throw new ImageDslError(
      "E_REGISTRY",
      `${wholeName(repository)} stored the ${what} ${stored} where ${digest} was sent`,
      {
        hint: "Ask whoever runs the registry: it, or a proxy before it, changes what it gets",
      },
    );
  }
  // The specification wants both; some say one of them.
  const isSaid = stored === digest || (status === 201 && headers["location"] !== undefined);
  if (isSaid) return;
  throw noRegistry(
    repository.client.registry,
    `answers ${status} to a ${what}, and says neither where nor what it stored`,
  );
}
