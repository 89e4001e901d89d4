/** Which C libraries a root file system has, as far as its dynamic loaders tell. */
import { baseNameOf, parentOf, treePath, type TreePath } from "../model/path.ts";
import type { FileTree } from "./file-tree.ts";

/** What programs are linked with. */
export type CLibrary = "glibc" | "musl";

const FOLDERS = ["lib", "lib64", "usr/lib", "usr/lib64"].map(treePath);
/** As the processors' ABIs name glibc's, and musl names its own. */
const LOADERS: Readonly<Record<CLibrary, RegExp>> = { glibc: /^ld-linux[-.]|^ld64\.so\./, musl: /^ld-musl-/ };

/** Those of which a loader is there: by name, its path. */
export function cLibraries(tree: FileTree): Readonly<Partial<Record<CLibrary, TreePath>>> {
  const entries = FOLDERS.flatMap((folder) => tree.under(folder).filter(({ path }) => parentOf(path) === folder));
  const found = Object.entries(LOADERS).map(([name, loader]) => [
    name,
    entries.find(({ path }) => loader.test(baseNameOf(path)))?.path,
  ]);
  return Object.fromEntries(found.filter(([, path]) => path !== undefined)) as Partial<Record<CLibrary, TreePath>>;
}
