/** What a registry says that it stored, compared with what was sent. */
import { ImageDslError, isDigest, type Digest, type HttpResponse } from "../../../core/index.ts";
import { wholeName, type Repository } from "../repository.ts";

/** `what`: "blob" or "manifest". Throws `E_REGISTRY`; a registry may also say nothing. */
export function checkStored(repository: Repository, what: string, sent: Digest, { headers }: HttpResponse): void {
  const stored = headers["docker-content-digest"];
  if (!isDigest(stored) || stored === sent) return;
  throw new ImageDslError(
    "E_REGISTRY",
    `${wholeName(repository)} stored the ${what} ${stored} where ${sent} was sent`,
    {
      hint: "Ask whoever runs the registry: it, or a proxy before it, changes what it gets",
    },
  );
}
