/** Which files of docker and podman hold credentials on this host, and what is in them. */
import { join } from "node:path";
import {
  environment,
  homeDirectory,
  isRecord,
  messageOf,
  readRegular,
  systemCodeOf,
  userId,
} from "../../../../core/index.ts";

export interface CredentialFile {
  readonly path: string;
  readonly auths: Readonly<Record<string, unknown>>;
  /** Programs by registry. */
  readonly helpers: Readonly<Record<string, string>>;
  /** The program for all other registries. */
  readonly store: string | undefined;
}

/**
 * In the order in which they are asked. Files that the environment names come alone, as podman has it; else podman's
 * (containers-auth.json(5)) and then docker's.
 */
export function credentialPaths(): readonly string[] {
  const { REGISTRY_AUTH_FILE, DOCKER_CONFIG, XDG_RUNTIME_DIR, XDG_CONFIG_HOME } = environment();
  const home = homeDirectory();
  const docker = DOCKER_CONFIG ? [join(DOCKER_CONFIG, "config.json")] : [];
  if (REGISTRY_AUTH_FILE) return [REGISTRY_AUTH_FILE, ...docker];
  const config = XDG_CONFIG_HOME || (home === undefined ? undefined : join(home, ".config"));
  return [
    ...docker,
    // Where nobody says otherwise, podman has a folder for each user, which a restart empties.
    XDG_RUNTIME_DIR ? join(XDG_RUNTIME_DIR, "containers/auth.json") : `/run/containers/${userId() ?? 0}/auth.json`,
    ...(config === undefined ? [] : [join(config, "containers/auth.json")]),
    ...(docker.length > 0 || home === undefined ? [] : [join(home, ".docker", "config.json")]),
  ];
}

/** Undefined where there is no such file. Throws an `Error` that shows nothing of what is in it. */
export async function readCredentialFile(path: string): Promise<CredentialFile | undefined> {
  let text: string;
  try {
    text = (await readRegular(path, "settings.bytes")).toString("utf8");
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT" || systemCodeOf(error) === "ENOTDIR") return undefined;
    throw new Error(`"${path}" cannot be read: ${messageOf(error)}`, { cause: error });
  }
  // A parser's own words show what stands around the fault.
  const value = text.trim() === "" ? {} : parse(text);
  if (!isRecord(value)) throw new Error(`"${path}" is not a JSON object`);
  return {
    path,
    auths: isRecord(value["auths"]) ? value["auths"] : {},
    helpers: textsOf(value["credHelpers"]),
    store: typeof value["credsStore"] === "string" && value["credsStore"] !== "" ? value["credsStore"] : undefined,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string" && entry[1] !== ""),
  );
}
