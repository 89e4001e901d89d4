/**
 * Where an image is pulled from, in the order to try: the mirrors that this host names for it, then its own place.
 * Podman's registries.conf(5), without search lists and aliases, which only concern names without a registry; and the
 * mirrors of docker's daemon, which are for the default registry.
 */
import { ImageDslError } from "../../../core/index.ts";
import { DEFAULT_REGISTRY, parseReference, referenceText, type RegistryReference } from "../reference.ts";
import { daemonMirrors, registryTables, type RegistryTable } from "./mirror-settings.ts";

export interface PullPlace {
  readonly reference: RegistryReference;
  /** Plain http, or TLS that nobody vouches for, is allowed there by the host's settings. */
  readonly insecure: boolean;
}

/** Throws `E_REGISTRY` where the host's settings forbid it, or cannot be understood. */
export async function pullPlaces(reference: RegistryReference): Promise<readonly PullPlace[]> {
  const text = referenceText(reference);
  const table = await hostSettings(reference);
  if (table === undefined) return [...(await ofDaemon(reference)), { reference, insecure: false }];
  const rest = text.slice(matchedLength(text, table.prefix)!);
  const at = (location: string, insecure: boolean): PullPlace => ({
    reference: location === "" ? reference : parseReference(location + rest, { file: table.file }),
    insecure,
  });
  const wanted = reference.digest === undefined ? "tag-only" : "digest-only";
  const mirrors = table.mirrors.filter(({ pulls }) => pulls === "all" || pulls === wanted);
  const own = at(table.location, table.insecure);
  const daemons = table.mirrors.length === 0 && table.location === "" ? await ofDaemon(reference) : [];
  return [...mirrors.map(({ location, insecure }) => at(location, insecure)), ...daemons, own];
}

/** What registries.conf says of an image, for pulls and pushes alike. Throws `E_REGISTRY` where its registry is blocked. */
export async function hostSettings(reference: RegistryReference): Promise<RegistryTable | undefined> {
  const text = referenceText(reference);
  const table = longestMatch(text, await registryTables());
  if (!table?.blocked) return table;
  throw new ImageDslError(
    "E_REGISTRY",
    `"${text}" must be neither pulled nor pushed here: "${table.prefix}" is blocked`,
    {
      hint: "Where that is no longer meant, take away blocked = true",
      place: { file: table.file },
    },
  );
}

async function ofDaemon(reference: RegistryReference): Promise<readonly PullPlace[]> {
  if (reference.registry !== DEFAULT_REGISTRY) return [];
  return (await daemonMirrors()).map(({ host, insecure }) => ({
    reference: { ...reference, registry: host },
    insecure,
  }));
}

function longestMatch(text: string, tables: readonly RegistryTable[]): RegistryTable | undefined {
  return tables
    .filter(({ prefix }) => matchedLength(text, prefix) !== undefined)
    .toSorted((a, b) => b.prefix.length - a.prefix.length)[0];
}

/** How much of the reference a prefix stands for: whole parts of it, or with `*.` all of the host. */
function matchedLength(text: string, prefix: string): number | undefined {
  if (prefix.startsWith("*.")) {
    const host = text.slice(0, text.indexOf("/"));
    return host.endsWith(prefix.slice(1)) ? host.length : undefined;
  }
  // Behind a host a colon stands before a port: another registry.
  const ends = prefix.includes("/") ? "/:@" : "/";
  const isWhole = text.length === prefix.length || ends.includes(text[prefix.length]!);
  return text.startsWith(prefix) && isWhole ? prefix.length : undefined;
}
