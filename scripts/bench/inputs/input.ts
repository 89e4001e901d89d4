/** What an input of the benches is, and what all of them need to make theirs. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runOrThrow } from "../run.ts";
import { STORE_ENVIRONMENT } from "../store.ts";

export interface BenchInput {
  readonly name: string;
  /** Free disk, in GB, that making and measuring it takes. */
  readonly gigabytes: number;
  /** Packages of Debian: their maintainer scripts are worked out when it is built. */
  readonly isDebian: boolean;
  /** Whether other builders are measured over it. */
  readonly hasPeers: boolean;
  /** Whether starting Node and looking at each file is measured beside it. */
  readonly isStatted: boolean;
  /** Makes it below a folder. `cli` is image-dsl's command line, for the shell. */
  make(folder: string, cli: string): Promise<MadeInput>;
}

export interface MadeInput {
  /** Holds image.config.ts. */
  readonly project: string;
  /** The image's files. */
  readonly tree: string;
  /** What it is, with its figures. */
  readonly title: string;
}

/** Writes a config with one image of these contents, which are the text of an array. */
export function writeConfig(project: string, contents: string): void {
  writeFileSync(
    join(project, "image.config.ts"),
    `import { buildLayeredImage, debian, defineConfig, files, npm, text } from "image-dsl";
export default defineConfig(buildLayeredImage({ name: "bench", contents: ${contents} }));
`,
  );
}

/** The image's files as a folder for other programs, by `rootfs:`. Fetches what the store lacks. */
export async function layOut(project: string, cli: string): Promise<string> {
  await runOrThrow(`${cli} build -o rootfs:tree --quiet`, { cwd: project, env: STORE_ENVIRONMENT });
  return join(project, "tree");
}

/** Entries and megabytes, for a title. */
export async function sizeOf(tree: string): Promise<string> {
  const entries = (await runOrThrow(`find '${tree}' -printf x`)).length;
  const megabytes = await runOrThrow(`du -s --apparent-size --block-size=1MB '${tree}'`);
  return `${entries.toLocaleString("en")} entries, ${Number(megabytes.split("\t")[0]).toLocaleString("en")} MB`;
}
