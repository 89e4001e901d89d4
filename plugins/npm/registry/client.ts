/** Asking a registry: with the login that was written for it, and errors that say which line that was. */
import {
  ImageDslError,
  beyond,
  gathered,
  hasFewValues,
  httpGet,
  isRecord,
  redactUrl,
  type BuildContext,
  type HttpResponse,
  type LimitName,
} from "../../../core/index.ts";
import { loginFor, proxyFor, registryOf, tarballAddress } from "./registry.ts";
import type { NpmSettings } from "./settings.ts";

export interface RegistryClient {
  readonly settings: NpmSettings;
  readonly signal: BuildContext["signal"];
}

/** What a registry says of one version. */
export interface PublishedVersion {
  readonly tarball: string;
  readonly integrity?: string;
  /** Its package.json, as far as the registry tells it. */
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** Undefined where the server has no such thing. Throws `E_NPM_REGISTRY`, `E_NETWORK`, `E_ABORTED`. */
export async function openAddress(
  address: string,
  maxBytes: LimitName,
  { settings, signal }: RegistryClient,
  accept = "*/*",
): Promise<HttpResponse | undefined> {
  const login = loginFor(address, settings);
  const proxy = proxyFor(address, settings);
  const response = await httpGet(address, {
    signal,
    maxBytes,
    headers: { accept, ...(login && { authorization: login.authorization }) },
    ...(proxy !== undefined && { proxy }),
  });
  const { status } = response;
  if (status === 200) return response;
  response.discard();
  if (status === 404) return undefined;
  const shown = redactUrl(address);
  const host = `//${new URL(address).host}/`;
  if (status !== 401 && status !== 403) {
    throw new ImageDslError("E_NPM_REGISTRY", `${shown} answered ${status}`, { hint: "Try again later" });
  }
  throw new ImageDslError(
    "E_NPM_REGISTRY",
    login === undefined
      ? `${shown} answered ${status}, and no .npmrc has a login for ${host}`
      : `${shown} answered ${status} to the login that ${login.place} has`,
    {
      hint:
        login === undefined
          ? `Write ${host}:_authToken=\${NPM_TOKEN} into the project's .npmrc, and set NPM_TOKEN`
          : "Renew it, or ask who runs the registry whether it may read this package",
    },
  );
}

/** All versions of a package, by number. Throws `E_NPM_REGISTRY` where there is no such package, and what `openAddress` throws. */
export async function publishedVersions(
  name: string,
  client: RegistryClient,
): Promise<ReadonlyMap<string, PublishedVersion>> {
  const address = `${registryOf(name, client.settings)}${name.replace("/", "%2f")}`;
  const response = await openAddress(address, "npm.packument", client, "application/vnd.npm.install-v1+json");
  if (response === undefined) {
    throw new ImageDslError("E_NPM_REGISTRY", `There is no package "${name}" at ${redactUrl(address)}`, {
      hint: "Check its name, and which registry .npmrc sets for it",
    });
  }
  const text = (await gathered(response.body)).toString("utf8");
  return readPackument(text, redactUrl(address), (tarball) => tarballAddress(tarball, name, client.settings));
}

function readPackument(
  text: string,
  address: string,
  translate: (tarball: string) => string,
): ReadonlyMap<string, PublishedVersion> {
  const damaged = (why: string): ImageDslError =>
    new ImageDslError("E_NPM_REGISTRY", `Cannot read what ${address} says of the package: ${why}`, {
      hint: "Is that address a registry of packages?",
    });
  if (!hasFewValues(text)) throw damaged(`it has ${beyond("json.values")}`);
  let packument: unknown;
  try {
    packument = JSON.parse(text);
  } catch {
    throw damaged("it is no JSON");
  }
  if (!isRecord(packument) || !isRecord(packument["versions"])) throw damaged("it has no versions");
  return new Map(
    Object.entries(packument["versions"]).map(([version, about]) => {
      const dist = isRecord(about) && isRecord(about["dist"]) ? about["dist"] : {};
      const { tarball, integrity, shasum } = dist;
      if (typeof tarball !== "string" || !URL.canParse(tarball)) throw damaged(`${version} has no tarball`);
      const sum =
        typeof integrity === "string"
          ? integrity
          : typeof shasum === "string"
            ? `sha1-${Buffer.from(shasum, "hex").toString("base64")}`
            : undefined;
      const manifest = isRecord(about) ? about : {};
      return [version, { tarball: translate(tarball), manifest, ...(sum !== undefined && { integrity: sum }) }];
    }),
  );
}
