/** Names of images with their tags (distribution/reference): `redis:7`, `registry.example:5000/team/redis:7`. */

/**
 * What registries allow in each part of a name, with `/` between parts. A first part with a dot, a port or the name localhost
 * is a registry's address, whose labels have no blank ends.
 */
const PART = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?";
const NAME = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*(?::\\d+)?/)?${PART}(?:/${PART})*$`);

/** With the registry's address, which tools put before a name without one. */
const MAX_NAME = 255;

const REPOSITORY = new RegExp(`^${PART}(?:/${PART})*$`);

/** A tag alone, without the name before it (distribution spec, "Pulling manifests"): at most 128 characters. */
export const IMAGE_TAG = /^\w[\w.-]{0,127}$/;

/** Whether registries and Docker take it as a name without tag and digest: small letters, at most 255 characters with the registry. */
export function isImageName(name: string): boolean {
  return withRegistry(name).length <= MAX_NAME && NAME.test(name);
}

/** Of a name: what stands behind the registry's address. */
export function isRepository(path: string): boolean {
  return path.length <= MAX_NAME && REPOSITORY.test(path);
}

/** Whether this is `NAME:TAG`, as `docker load` and registries take it. */
export function isReference(text: string): boolean {
  const colon = text.lastIndexOf(":");
  return colon > 0 && isImageName(text.slice(0, colon)) && IMAGE_TAG.test(text.slice(colon + 1));
}

/** Of `NAME:TAG`. */
export function splitReference(reference: string): readonly [name: string, tag: string] {
  const colon = reference.lastIndexOf(":");
  return [reference.slice(0, colon), reference.slice(colon + 1)];
}

/** What an image is called where it lies: of a tag, a name and nothing, a layout may say each, and a digest is no tag. */
export interface OwnName {
  /** Without a tag. */
  readonly repository?: string;
  /** Undefined where it lies there by its digest or its name alone. */
  readonly tag?: string;
  /** The whole name that an OCI layout has for it. */
  readonly inLayout?: string;
}

/** `NAME:TAG`, where that much is known. */
export function wholeReference({ repository, tag }: OwnName): string | undefined {
  return repository === undefined || tag === undefined ? undefined : `${repository}:${tag}`;
}

/** A name, with its tag or without, as containerd and Docker read it: with the registry that one without is of. */
export function withRegistry(name: string): string {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(slash, 0));
  if (first === "localhost" || /[.:]/.test(first)) return name;
  return slash < 0 ? `docker.io/library/${name}` : `docker.io/${name}`;
}
