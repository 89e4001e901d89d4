/** Docker's contexts: names for daemons, kept in files below docker's own folder. */
import { join } from "node:path";
import {
  digestOf,
  environment,
  hexOf,
  homeDirectory,
  ImageDslError,
  isRecord,
  messageOf,
  readRegular,
  systemCodeOf,
  type WarningEvent,
  type TlsSettings,
} from "../../../core/index.ts";
import { certificatesIn } from "./certificates.ts";

export interface DockerContext {
  readonly host: string;
  readonly tls?: TlsSettings;
  readonly saidBy: string;
}

/** Of what is not as it should be, and does no harm. */
export type Tell = (warning: WarningEvent) => void;

/** Docker's name for having none. */
const NONE = "default";

/**
 * Undefined where none is chosen, which is also where docker's config cannot be read: that is told, as docker does it. Throws
 * `E_DAEMON` for one that is chosen and not there.
 */
export async function chosenContext(tell: Tell): Promise<DockerContext | undefined> {
  const folder = configFolder();
  if (folder === undefined) return undefined;
  const name = environment()["DOCKER_CONTEXT"] || (await currentContext(join(folder, "config.json"), tell));
  if (name === undefined || name === NONE) return undefined;
  const id = hexOf(digestOf(name));
  const meta = await readJson(join(folder, "contexts/meta", id, "meta.json"));
  const docker = isRecord(meta) && isRecord(meta["Endpoints"]) ? meta["Endpoints"]["docker"] : undefined;
  if (!isRecord(docker) || typeof docker["Host"] !== "string" || docker["Host"] === "") {
    throw new ImageDslError(
      "E_DAEMON",
      `The docker context "${name}" names no daemon: there is none of that name, or it is broken`,
      {
        hint: "See docker context ls, and choose another with DOCKER_CONTEXT or docker context use",
      },
    );
  }
  const own = await certificatesIn(join(folder, "contexts/tls", id, "docker"));
  const tls = docker["SkipTLSVerify"] === true ? { ...own, verify: false as const } : own;
  return { host: docker["Host"], saidBy: `the docker context "${name}"`, ...(Object.keys(tls).length > 0 && { tls }) };
}

function configFolder(): string | undefined {
  const home = homeDirectory();
  return environment()["DOCKER_CONFIG"] || (home === undefined ? undefined : join(home, ".docker"));
}

async function currentContext(file: string, tell: Tell): Promise<string | undefined> {
  const config = await readJson(file).catch((error: unknown) => {
    tell({
      type: "warning",
      code: "W_DOCKER_CONFIG",
      message: `${messageOf(error)}; no docker context is taken from it`,
      hint: `Make it readable for this user, or say where the daemon is with DOCKER_HOST`,
    });
  });
  const name = isRecord(config) ? config["currentContext"] : undefined;
  return typeof name === "string" && name !== "" ? name : undefined;
}

/** Undefined where there is no such file. Throws `E_DAEMON` where it cannot be read. */
async function readJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = (await readRegular(file, "settings.bytes")).toString("utf8");
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT" || systemCodeOf(error) === "ENOTDIR") return undefined;
    throw new ImageDslError("E_DAEMON", `Cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
  try {
    return JSON.parse(text);
  } catch {
    // Logins are in it too, and a parser's words would show them.
    throw new ImageDslError("E_DAEMON", `Cannot read ${file}: it is not JSON`);
  }
}
