/** Names of images with their tags (distribution/reference): `redis:7`, `registry.example:5000/team/redis:7`. */

/** `/` between parts; in each part what registries allow. A first part with a dot or a port is a registry's address. */
export const IMAGE_NAME =
  /^(?:[a-z0-9]+(?:[.-]+[a-z0-9]+)*(?::\d+)?\/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

export const IMAGE_TAG = /^\w[\w.-]{0,127}$/;

/** Whether this is `NAME:TAG`, as `docker load` and registries take it. */
export function isReference(text: string): boolean {
  const colon = text.lastIndexOf(":");
  return (
    colon > 0 && text.length <= 512 && IMAGE_NAME.test(text.slice(0, colon)) && IMAGE_TAG.test(text.slice(colon + 1))
  );
}
