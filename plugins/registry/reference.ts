/** References to images in registries, made whole as docker and skopeo do it: `redis` is `docker.io/library/redis:latest`. */
import { ImageDslError, IMAGE_TAG, isDigest, isRepository, type Digest, type ErrorPlace } from "../../core/index.ts";

export interface RegistryReference {
  /** `HOST` or `HOST:PORT`, in lower case; `docker.io` where none was written. */
  readonly registry: string;
  /** Without the registry, with `library/` where docker.io wants it. */
  readonly repository: string;
  /** `latest` where neither a tag nor a digest was written. */
  readonly tag?: string;
  readonly digest?: Digest;
}

export const DEFAULT_REGISTRY = "docker.io";
const SCHEME = "docker://";
/** Older names of the default registry, which people still write. */
const ALSO_DEFAULT = new Set(["index.docker.io", "registry-1.docker.io"]);

const LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?";
const HOST = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[0-9a-f:]+\\])(?::([0-9]{1,5}))?$`);

/** Takes `docker://` before it or not. Throws `E_REFERENCE`. */
export function parseReference(text: string, place?: ErrorPlace): RegistryReference {
  const bad = (what: string, hint?: string) =>
    new ImageDslError("E_REFERENCE", `"${text.slice(0, 300)}" names no image in a registry: ${what}`, { hint, place });
  const bare = text.startsWith(SCHEME) ? text.slice(SCHEME.length) : text;
  if (/@[^@]*\//.test(bare)) {
    throw new ImageDslError("E_REFERENCE", `"…${bare.slice(bare.lastIndexOf("@"))}" has a user in it`, {
      hint: "Leave out what stands before the host; log in with docker login or podman login",
      place,
    });
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(bare)) throw bad("it is a URL", "Leave out the part before HOST/NAME");
  const { name, tag, digest } = cut(bare);
  const { registry, repository } = splitName(name);
  if (!isRegistry(registry)) throw bad(`"${registry}" is no HOST or HOST:PORT`);
  if (!isRepository(repository)) {
    const isCase = isRepository(repository.toLowerCase());
    throw bad(
      repository === "" ? "it has no name" : `"${repository}" is no name of a repository`,
      isCase ? `Names of repositories are in lower case: ${repository.toLowerCase()}` : undefined,
    );
  }
  if (registry.length + 1 + repository.length > 255) throw bad("its name has more than 255 characters");
  if (tag !== undefined && !IMAGE_TAG.test(tag)) throw bad(`"${tag}" is no tag`);
  if (digest !== undefined && !isDigest(digest)) {
    throw bad(`"${digest}" is no digest`, "A digest is sha256: and 64 hexadecimal digits in lower case");
  }
  return {
    registry,
    repository,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
    ...(tag === undefined && digest === undefined && { tag: "latest" }),
  };
}

/** `HOST/NAME[:TAG][@DIGEST]`, with nothing left out. */
export function referenceText({ registry, repository, tag, digest }: RegistryReference): string {
  return `${registry}/${repository}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** Whether this is `HOST` or `HOST:PORT`, in lower case. */
export function isRegistry(text: string): boolean {
  const match = HOST.exec(text);
  if (match === null) return false;
  const port = match[1];
  if (port !== undefined && (Number(port) === 0 || Number(port) > 65_535)) return false;
  return URL.canParse(`https://${text}/`);
}

/** Whom requests for a registry's images go to: the default one has its interface elsewhere. */
export function registryHost(registry: string): string {
  return registry === DEFAULT_REGISTRY ? "registry-1.docker.io" : registry;
}

function cut(text: string): { readonly name: string; readonly tag?: string; readonly digest?: string } {
  const at = text.indexOf("@");
  const digest = at < 0 ? {} : { digest: text.slice(at + 1) };
  const rest = at < 0 ? text : text.slice(0, at);
  const colon = rest.lastIndexOf(":");
  // A colon before a slash stands before a port.
  if (colon < 0 || rest.indexOf("/", colon) >= 0) return { name: rest, ...digest };
  return { name: rest.slice(0, colon), tag: rest.slice(colon + 1), ...digest };
}

/** The first part is a registry where it has a dot or a port, or is localhost. */
function splitName(name: string): { readonly registry: string; readonly repository: string } {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(slash, 0));
  const isHost = slash > 0 && (/[.:]/.test(first) || first === "localhost");
  const written = isHost ? first.toLowerCase() : DEFAULT_REGISTRY;
  const registry = ALSO_DEFAULT.has(written) ? DEFAULT_REGISTRY : written;
  const path = isHost ? name.slice(slash + 1) : name;
  return { registry, repository: registry === DEFAULT_REGISTRY && !path.includes("/") ? `library/${path}` : path };
}
