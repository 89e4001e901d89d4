/** The credential for a repository, from the first of the host's files that has one, and where it was found. */
import { ImageDslError, messageOf } from "../../../../core/index.ts";
import { DEFAULT_REGISTRY } from "../../reference.ts";
import { credentialOfEntry, type Credential } from "./credential.ts";
import { credentialPaths, readCredentialFile, type CredentialFile } from "./files.ts";
import { askHelper, helperProgram } from "./credential-helper.ts";

export interface CredentialSearch {
  readonly found?: { readonly credential: Credential; readonly source: string };
  /** What could not be asked: to be told where the registry refuses us. */
  readonly problems: readonly string[];
  /** The files that exist. */
  readonly asked: readonly string[];
}

/** The key that docker has always used for its own registry. */
const DEFAULT_KEY = "https://index.docker.io/v1/";

export async function findCredential(
  registry: string,
  repository: string | undefined,
  signal: AbortSignal,
): Promise<CredentialSearch> {
  const problems: string[] = [];
  const asked: string[] = [];
  for (const path of credentialPaths()) {
    let file: CredentialFile | undefined;
    try {
      file = await readCredentialFile(path);
    } catch (error) {
      problems.push(messageOf(error));
      continue;
    }
    if (file === undefined) continue;
    asked.push(path);
    const found = await findIn(file, registry, repository, problems, signal);
    if (found !== undefined) return { found, problems, asked };
  }
  return { problems, asked };
}

/** A helper for this registry comes first, then the store for all, then what stands in the file itself. */
async function findIn(
  file: CredentialFile,
  registry: string,
  repository: string | undefined,
  problems: string[],
  signal: AbortSignal,
): Promise<CredentialSearch["found"]> {
  // Docker and podman each have their own name for the default registry.
  const servers = registry === DEFAULT_REGISTRY ? [DEFAULT_KEY, DEFAULT_REGISTRY] : [registry];
  const own = keysOf(registry)
    .map((key) => file.helpers[key])
    .find((name) => name !== undefined);
  for (const helper of new Set([own, file.store])) {
    if (helper === undefined) continue;
    const credential = await attempt(problems, `"${file.path}" names a credential helper:`, () =>
      askInTurn(helper, servers, signal),
    );
    if (credential) return { credential, source: `${helperProgram(helper)}, which "${file.path}" names` };
  }
  for (const key of entryKeys(file, registry, repository)) {
    const what = `The entry "${key}" in "${file.path}" cannot be used:`;
    const credential = await attempt(problems, what, () => credentialOfEntry(file.auths[key]));
    if (credential) return { credential, source: `"${file.path}"` };
  }
  return undefined;
}

async function askInTurn(
  helper: string,
  servers: readonly string[],
  signal: AbortSignal,
): Promise<Credential | undefined> {
  for (const server of servers) {
    const credential = await askHelper(helper, server, signal);
    if (credential) return credential;
  }
  return undefined;
}

async function attempt(
  problems: string[],
  what: string,
  work: () => Credential | undefined | Promise<Credential | undefined>,
): Promise<Credential | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ImageDslError) throw error;
    problems.push(`${what} ${messageOf(error)}`);
    return undefined;
  }
}

/** Of the file's own keys those that mean this repository, the most specific first. */
function entryKeys(file: CredentialFile, registry: string, repository: string | undefined): readonly string[] {
  const parts = repository?.split("/") ?? [];
  const below = parts.map((_, index) => `${registry}/${parts.slice(0, parts.length - index).join("/")}`);
  const exact = [...below, ...keysOf(registry)].filter((key) => Object.hasOwn(file.auths, key));
  const legacy = Object.keys(file.auths)
    .filter((key) => !exact.includes(key) && hostOfKey(key) === registry)
    .toSorted();
  return [...exact, ...legacy];
}

function keysOf(registry: string): readonly string[] {
  return registry === DEFAULT_REGISTRY ? [DEFAULT_REGISTRY, DEFAULT_KEY, "index.docker.io"] : [registry];
}

/** Older logins wrote a whole URL: `https://HOST/v1/`. A path without a scheme is a repository's. */
export function hostOfKey(key: string): string | undefined {
  const match = /^https?:\/\/([^/]+)(?:\/(?:v[12]\/?)?)?$/.exec(key);
  const host = match?.[1];
  return host === "index.docker.io" || host === "registry-1.docker.io" ? DEFAULT_REGISTRY : host;
}
