/** Projects for the tests of dockerTools' functions, built by the command line; and what came out, as GNU tar and dockerd see it. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { hexOf, readTarFiles, treePath, type Digest } from "../../../core/index.ts";
import { shell } from "../../fixtures/base-images/root.ts";
import { requireTool, tmp } from "../../harness.ts";
import { cli, must, sha256, writeProject } from "../support.ts";
import { withLimits } from "../../with-limits.ts";

export interface ImageJson {
  readonly architecture: string;
  readonly variant?: string;
  readonly created: string;
  readonly config: { readonly Env?: readonly string[]; readonly Cmd?: readonly string[] };
  readonly rootfs: { readonly diff_ids: readonly Digest[] };
  readonly history: readonly { readonly comment?: string }[];
}

export interface Built {
  readonly archive: string;
  readonly tags: readonly string[];
  readonly config: ImageJson;
  /** Bottom first: `MODE OWNER/GROUP PATH`, as `tar -tv` lists it, the owners by number. */
  readonly layers: readonly (readonly string[])[];
}

/** A folder with a shell that runs in a container, in `sh/`, and an `image.config.ts` that exports `images`. */
export function project(images: string, files: Readonly<Record<string, string>> = {}): string {
  const folder = writeProject(tmp(), {
    ...files,
    "image.config.ts": `import * as dsl from "image-dsl";
const { buildImage, buildLayeredImage, streamLayeredImage, mergeImages, exportImage, files, text } = dsl;
const sh = files("sh", { dest: "/" });
${images}
`,
  });
  for (const member of shell("bin/sh")) {
    const place = join(folder, "sh", member.path);
    mkdirSync(dirname(place), { recursive: true });
    cpSync((member as { host: string }).host, place);
  }
  return folder;
}

/** Builds a target into a docker archive. */
export async function build(folder: string, target: string, args: readonly string[] = []): Promise<Built> {
  const archive = join(folder, `${target}.tar`);
  cli(["build", target, "-o", `docker-archive:${archive}`, ...args], { cwd: folder });
  return read(archive);
}

/** Builds the targets at once into docker archives; gives each by its name. */
export async function buildAll<const T extends string>(
  folder: string,
  targets: readonly T[],
): Promise<Readonly<Record<T, Built>>> {
  cli(["build", ...targets, "-o", `docker-archive:${join(folder, "{target}.tar")}`], { cwd: folder });
  const built = targets.map(async (target) => [target, await read(join(folder, `${target}.tar`))] as const);
  return Object.fromEntries(await Promise.all(built)) as Record<T, Built>;
}

/** The first image of an archive that is not compressed. */
export async function read(archive: string): Promise<Built> {
  const members = await withLimits({ "tar.whole": 1 << 30 }, () => readTarFiles([readFileSync(archive)]));
  const member = (name: string): Buffer => Buffer.from(members.get(treePath(name))!);
  const [image] = JSON.parse(member("manifest.json").toString()) as [
    { Config: string; RepoTags: string[]; Layers: string[] },
  ];
  const config = JSON.parse(member(image.Config).toString()) as ImageJson;
  const layers = image.Layers.map((name, index) => {
    const bytes = member(name);
    if (sha256(bytes) !== hexOf(config.rootfs.diff_ids[index]!)) throw new Error(`${name} is not what the config says`);
    return listTar(bytes);
  });
  return { archive, tags: image.RepoTags, config, layers };
}

/** `drwxr-xr-x 0/0 etc/`; of a link, ` -> TARGET` behind it. */
export function listTar(bytes: Uint8Array): string[] {
  requireTool("tar");
  const file = join(tmp(), "layer.tar");
  writeFileSync(file, bytes);
  const lines = must(["tar", "--numeric-owner", "-tvf", file], { cwd: "/" }).toString().trim().split("\n");
  return lines.map((line) => line.replace(/^(\S+)\s+(\S+)\s+\S+\s+\S+\s+\S+\s/, "$1 $2 "));
}
