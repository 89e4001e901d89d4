/** A folder of the project as a package: what npm would publish of it, by npm's own rules. */
import { join } from "node:path";
import packlist from "npm-packlist";
import { FileTree, hostEntry, hostPath, treePath, type Entry } from "../../../core/index.ts";

/** `manifest`: its package.json. Links are left out, as npm does. */
export async function memberTree(directory: string, manifest: Readonly<Record<string, unknown>>): Promise<FileTree> {
  const entries = await publishedEntries(directory, manifest);
  return FileTree.of(entries.filter(({ type }) => type === "file"));
}

/** With links. */
export async function publishedEntries(
  directory: string,
  manifest: Readonly<Record<string, unknown>>,
): Promise<readonly Entry[]> {
  const paths = await packlist({ path: directory, package: manifest, isProjectRoot: false, edgesOut: new Map() });
  return paths.map((path): Entry => hostEntry(hostPath(join(directory, path)), treePath(path), "git"));
}
