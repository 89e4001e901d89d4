/** The client that an image is pulled with: it asks the mirrors that this host names for the image, and then its registry. */
import { ImageDslError, messageOf, type StageContext } from "../../../core/index.ts";
import { registryClient, type RegistryClient, type RegistryRequest } from "../client.ts";
import { pullPlaces } from "./mirrors.ts";
import type { RegistryReference } from "../reference.ts";

/** Requests are made as to the image's own registry. Whom one was answered by, is asked the next. */
export async function pullClient(
  reference: RegistryReference,
  insecureHosts: readonly string[],
  { signal, emit }: Pick<StageContext, "signal" | "emit">,
): Promise<RegistryClient> {
  const ways = (await pullPlaces(reference)).map(({ reference: there, insecure }) => ({
    there,
    client: registryClient({
      registry: there.registry,
      insecureHosts: insecure ? [...insecureHosts, there.registry] : insecureHosts,
      signal,
    }),
  }));
  const last = ways.length - 1;
  let current = 0;
  return {
    registry: reference.registry,
    locationFor: (response) => ways[current]!.client.locationFor(response),
    async send(request) {
      for (let index = current; ; index++) {
        const { there, client } = ways[index]!;
        const translated = translate(request, reference, there);
        if (index === last) return client.send(translated);
        try {
          // What is no error of the image's own registry may only be missing in a mirror.
          const response = await client.send({
            ...translated,
            accepts: (request.accepts ?? []).filter((status) => status < 300),
          });
          current = Math.max(current, index);
          return response;
        } catch (error) {
          if (!(error instanceof ImageDslError) || error.code === "E_ABORTED") throw error;
          emit({
            type: "warning",
            code: error.code,
            message: `The mirror ${there.registry} is passed over: ${messageOf(error)}`,
            ...(error.hint !== undefined && { hint: error.hint }),
          });
          current = Math.max(current, index + 1);
        }
      }
    },
  };
}

/** The repository, and a tag that the host's settings replace by another. */
function translate(request: RegistryRequest, own: RegistryReference, there: RegistryReference): RegistryRequest {
  const prefix = `${own.repository}/`;
  if (typeof request.path !== "string" || !request.path.startsWith(prefix)) throw new Error("A pull asks by name");
  const rest = request.path.slice(prefix.length);
  const path = rest === `manifests/${own.tag}` && there.tag !== undefined ? `manifests/${there.tag}` : rest;
  return {
    ...request,
    path: `${there.repository}/${path}`,
    scopes: request.scopes.map((scope) => ({ ...scope, repository: there.repository })),
  };
}
