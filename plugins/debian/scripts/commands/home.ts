/** Home folders of new users, with the files of /etc/skel where they are wanted. */
import { type Entry, type TreePath, baseNameOf, joinPath, treePath } from "../../../../core/index.ts";
import type { Invocation } from "../world.ts";

export interface Home {
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  /** Where its first files come from; none for system users. */
  readonly skeleton?: string;
}

/** Makes it with all folders on the way; what is there already stays as it is. */
export function createHome(invocation: Invocation, home: Home): void {
  const { files } = invocation.world;
  if (files.find(home.path, "/")) return;
  let path = treePath("");
  for (const component of home.path.split("/").filter((part) => part !== "")) {
    path = files.resolve(`/${joinPath(path, component)}`, "/");
    if (files.get(path)?.type !== "directory") files.makeDirectory(path, 0o755);
  }
  files.changeMeta(path, { uid: home.uid, gid: home.gid, mode: home.mode });
  if (home.skeleton !== undefined) copySkeleton(invocation, home.skeleton, path, home);
}

const SKELETON = "/etc/skel";

function copySkeleton(invocation: Invocation, skeleton: string, home: TreePath, { uid, gid }: Home): void {
  const { files, note } = invocation.world;
  const source = files.find(skeleton, "/");
  if (source?.type !== "directory") {
    if (skeleton === SKELETON)
      note("left-out", "the first files of a home folder: they are bash's, which the image lacks");
    return;
  }
  for (const entry of files.below(source.path)) {
    const target = treePath(`${home}${entry.path.slice(source.path.length)}`);
    if (/\.(dpkg|ucf)-(old|new|dist)$/.test(baseNameOf(entry.path)))
      return invocation.refuse("a left-over in /etc/skel");
    files.put({ ...copyOf(entry, invocation), path: target, uid, gid } as Entry);
  }
}

function copyOf(entry: Entry, { world, refuse }: Invocation): Entry {
  const file = entry.type === "hardlink" ? world.files.get(entry.target)! : entry;
  return file.type === "file" || file.type === "directory" || file.type === "symlink"
    ? file
    : refuse("such a /etc/skel");
}
