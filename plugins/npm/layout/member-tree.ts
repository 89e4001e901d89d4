/** A folder of the project as a package: what npm would publish of it, by npm's own rules. */
import { join } from "node:path";
import packlist from "npm-packlist";
import { FileTree, hostEntry, hostPath, treePath, type Entry } from "../../../core/index.ts";

/** `manifest`: its package.json. */
export async function memberTree(directory: string, manifest: Readonly<Record<string, unknown>>): Promise<FileTree> {
  const paths = await packlist({ path: directory, package: manifest, isProjectRoot: false, edgesOut: new Map() });
  const entries = paths.map((path): Entry => hostEntry(hostPath(join(directory, path)), treePath(path), "git"));
  return FileTree.of(entries.filter(({ type }) => type === "file"));
}
