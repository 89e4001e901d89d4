/** What package.json says of the app, as the OCI image spec calls it (annotations.md): for labels and annotations alike. */
import type { PackageJson } from "./package-json.ts";

const OCI = "org.opencontainers.image";

/** In the order of the spec's page. Nothing of it depends on when or where the image is built. */
export function metadataOf(manifest: PackageJson, revision: string | undefined): Readonly<Record<string, string>> {
  const { name, version, description, license, homepage, repository } = manifest;
  const said = {
    url: homepage && withoutPassword(homepage),
    source: sourceOf(typeof repository === "object" ? repository.url : repository),
    version,
    revision,
    licenses: typeof license === "object" ? license.type : license,
    title: name,
    description,
  };
  return Object.fromEntries(
    Object.entries(said).flatMap(([key, value]) =>
      value === undefined || value === "" ? [] : [[`${OCI}.${key}`, value]],
    ),
  );
}

/** npm's forms of a repository, as the address that a browser opens, without anybody's password. */
function sourceOf(repository: string | undefined): string | undefined {
  const [, host = "github", path] = /^(?:(github|gitlab|bitbucket):)?([\w.-]+\/[\w.-]+)$/.exec(repository ?? "") ?? [];
  if (path !== undefined) return `https://${host}.${host === "bitbucket" ? "org" : "com"}/${path}`;
  const text = repository
    ?.replace(/^git\+/, "")
    .replace(/^git:\/\//, "https://")
    .replace(/\.git$/, "");
  if (text === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol === "ssh:") return `https://${url.host}${url.pathname}`;
  return /^https?:$/.test(url.protocol) ? new URL(withoutPassword(text)).href : undefined;
}

/** As it is written, where there is none. */
function withoutPassword(address: string): string {
  if (!URL.canParse(address)) return address;
  const url = new URL(address);
  if (url.username === "" && url.password === "") return address;
  url.username = url.password = "";
  return url.href;
}
