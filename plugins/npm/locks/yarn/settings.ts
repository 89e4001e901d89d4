/** `.yarnrc.yml`: what of it decides how `node_modules` is laid out, and where packages come from. */
import { join } from "node:path";
import { CORE_SCHEMA, load } from "js-yaml";
import * as v from "valibot";
import {
  environment,
  homeDirectory,
  messageOf,
  readRegular,
  recordOf,
  systemCodeOf,
  withoutEndSlashes,
} from "../../../../core/index.ts";
import { registryOf } from "../../registry/registry.ts";
import type { NpmSettings, Setting } from "../../registry/settings.ts";
import { lockError } from "../lock-error.ts";
import { texts } from "../schemas.ts";

const text = v.optional(v.string());
const registry = { npmRegistryServer: text, npmAuthToken: text, npmAuthIdent: text };
const registries = v.optional(recordOf(v.string(), v.object(registry)), {});

const extension = v.object({
  dependencies: v.optional(texts),
  peerDependencies: v.optional(texts),
  peerDependenciesMeta: v.optional(recordOf(v.string(), v.object({ optional: v.optional(v.boolean()) }))),
});

const schema = v.object({
  ...registry,
  nodeLinker: text,
  nmHoistingLimits: text,
  nmSelfReferences: v.optional(v.boolean()),
  defaultProtocol: text,
  packageExtensions: v.optional(recordOf(v.string(), extension), {}),
  npmScopes: registries,
  npmRegistries: registries,
});

export interface YarnSettings extends v.InferOutput<typeof schema> {
  readonly file: string;
}

/** Of the project in `root`. Throws `E_NPM_LOCK`. */
export async function readYarnSettings(root: string): Promise<YarnSettings> {
  return readSettings(join(root, ".yarnrc.yml"));
}

async function readSettings(file: string): Promise<YarnSettings> {
  const hint = "Yarn's documentation of .yarnrc.yml says what belongs there";
  let written: unknown;
  try {
    const found = (await readRegular(file, "settings.bytes")).toString("utf8");
    written = found.trim() === "" ? {} : load(found, { schema: CORE_SCHEMA, maxAliases: 0, maxDepth: 20 });
  } catch (cause) {
    if (systemCodeOf(cause) !== "ENOENT") throw lockError(file, messageOf(cause).split("\n", 1)[0]!, hint);
    written = {};
  }
  const { success, output, issues } = v.safeParse(schema, written ?? {}, { abortEarly: true });
  if (success) return { ...output, file };
  const where = v.getDotPath(issues[0]) ?? undefined;
  throw lockError(file, `${where ?? "it"}: ${issues[0].message}`, hint, where);
}

/** Throws `E_NPM_LOCK` for a layout that is not made here. */
export function refuseOtherLinkers(lockFile: string, settings: YarnSettings): void {
  const { file, nmHoistingLimits = "none", nmSelfReferences = true, defaultProtocol = "npm:" } = settings;
  const nodeLinker = environment()["YARN_NODE_LINKER"] ?? settings.nodeLinker ?? "pnp";
  if (nodeLinker !== "node-modules") {
    const unsaid = settings.nodeLinker === undefined ? ", Yarn's default" : "";
    throw lockError(
      lockFile,
      `its packages are laid out by the linker "${nodeLinker}"${unsaid}, and only "node-modules" is read`,
      "Write nodeLinker: node-modules into .yarnrc.yml, and run yarn install",
    );
  }
  const other = Object.entries({
    nmHoistingLimits: nmHoistingLimits !== "none",
    nmSelfReferences: !nmSelfReferences,
    defaultProtocol: defaultProtocol !== "npm:",
  }).find(([, isOther]) => isOther);
  if (other === undefined) return;
  throw lockError(
    lockFile,
    `${file} sets ${other[0]}, which lays node_modules out in another way than is done here`,
    `Take ${other[0]} out, or install in a step of the build`,
  );
}

/** Yarn's registries and logins over npm's: the environment, the project's `.yarnrc.yml`, the user's. Throws `E_NPM_LOCK`, `E_NPM_REGISTRY`. */
export async function registrySettings(npm: NpmSettings, project: YarnSettings): Promise<NpmSettings> {
  const home = homeDirectory();
  const user = home === undefined ? [] : [await readSettings(join(home, ".yarnrc.yml"))];
  const server = environment()["YARN_NPM_REGISTRY_SERVER"];
  const token = environment()["YARN_NPM_AUTH_TOKEN"];
  const said = new Map(npm);
  for (const { file, npmScopes, npmRegistries, ...own } of [...user, project]) {
    addRegistry(said, "registry", undefined, own, file);
    for (const [name, each] of Object.entries(npmScopes))
      addRegistry(said, `@${name}:registry`, `@${name}/any`, each, file);
    for (const [address, each] of Object.entries(npmRegistries))
      addLogin(said, address.replace(/^https?:/, ""), each, file);
  }
  const fromEnvironment = { npmRegistryServer: server, npmAuthToken: token, npmAuthIdent: undefined };
  addRegistry(said, "registry", undefined, fromEnvironment, "YARN_NPM_REGISTRY_SERVER");
  return said;
}

type Registry = Pick<YarnSettings, "npmRegistryServer" | "npmAuthToken" | "npmAuthIdent">;

/** `example`: a package whose registry it is. */
function addRegistry(said: Map<string, Setting>, key: string, example = "any", given: Registry, place: string): void {
  const { npmRegistryServer } = given;
  if (npmRegistryServer !== undefined) said.set(key, { value: expanded(npmRegistryServer), place });
  if (given.npmAuthToken === undefined && given.npmAuthIdent === undefined) return;
  addLogin(said, registryOf(example, said).replace(/^https?:/, ""), given, place);
}

/** `address`: `//host/path`. */
function addLogin(
  said: Map<string, Setting>,
  address: string,
  { npmAuthToken, npmAuthIdent }: Registry,
  place: string,
): void {
  const at = `${withoutEndSlashes(address)}/`;
  if (npmAuthToken !== undefined) said.set(`${at}:_authToken`, { value: expanded(npmAuthToken), place });
  if (npmAuthIdent === undefined) return;
  const pair = expanded(npmAuthIdent);
  const value = pair.includes(":") ? Buffer.from(pair, "utf8").toString("base64") : pair;
  said.set(`${at}:_auth`, { value, place });
}

/** `${NAME}`, `${NAME-else}`, `${NAME:-else}`. */
function expanded(value: string): string {
  const variables = environment();
  return value.replaceAll(
    /\$\{([\w\d_]+)(:)?(?:-([^}]*))?\}/g,
    (written, name: string, orEmpty?: string, other?: string) => {
      const found = variables[name];
      return found !== undefined && (found !== "" || orEmpty === undefined) ? found : (other ?? written);
    },
  );
}
