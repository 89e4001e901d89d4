/** A folder of the project as a package: what npm would publish of it, by npm's own rules. */
import { join } from "node:path";
import packlist from "npm-packlist";
import {
  FileTree,
  ImageDslError,
  hostEntry,
  hostPath,
  isRecord,
  messageOf,
  treePath,
  type Entry,
} from "../../../core/index.ts";
import { normalizedBin } from "../names.ts";
import { ignoreFilesIn, ignoreLines } from "./ignore-lines.ts";

type Manifest = Readonly<Record<string, unknown>>;

/** `manifest`: its package.json. Links are left out, as npm does. Throws `E_NPM_PROJECT`. */
export async function memberTree(directory: string, manifest: Manifest): Promise<FileTree> {
  await refuseOddRules(directory, manifest);
  const entries = await publishedEntries(directory, manifest);
  return FileTree.of(entries.filter(({ type }) => type === "file"));
}

/** With links. */
export async function publishedEntries(directory: string, manifest: Manifest): Promise<readonly Entry[]> {
  const read = { ...manifest, bin: programsOf(manifest) };
  const paths = await packlist({ path: directory, package: read, isProjectRoot: false, edgesOut: new Map() });
  return paths.map((path): Entry => hostEntry(hostPath(join(directory, path)), treePath(path), "git"));
}

/**
 * Programs are published whatever `files` says: as npm has them before it packs, by paths that start from the package's folder, be they one
 * by its path alone, or all that lies in `directories.bin`.
 */
function programsOf({ bin, directories }: Manifest): Readonly<Record<string, string>> {
  const folder = isRecord(directories) ? directories["bin"] : undefined;
  if (bin || typeof folder !== "string") return normalizedBin("program", bin);
  return normalizedBin("program", `${folder}/**`);
}

/** npm's own code would take a text for a list of letters, and end the process on what is no text, or no file. */
async function refuseOddRules(directory: string, { files }: Manifest): Promise<void> {
  if (files !== undefined && !(Array.isArray(files) && files.every((each) => typeof each === "string")))
    throw refused(join(directory, "package.json"), 'its files are no list of texts: write "files": ["dist"]');
  for (const file of ignoreFilesIn(directory)) {
    await ignoreLines(file).catch((cause: unknown) => {
      throw refused(file, messageOf(cause));
    });
  }
}

function refused(file: string, why: string): ImageDslError {
  return new ImageDslError("E_NPM_PROJECT", `Cannot tell what ${file} publishes: ${why}`, {
    hint: "Mend it: npm pack --dry-run shows what is published",
    place: { file },
  });
}
