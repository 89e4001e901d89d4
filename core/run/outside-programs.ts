/** bash, coreutils and shadow tools for images that have none: seen below a mount point (`root-script.ts`), by their own loader. */
import { ImageDslError } from "../error.ts";
import type { Entry } from "../model/entry.ts";
import { baseNameOf, treePath } from "../model/path.ts";
import type { FileTree } from "../tree/file-tree.ts";
import { inlineFile } from "../tree/inline-file.ts";
import { lookup } from "../tree/resolve.ts";
import { OUTSIDE } from "./root-script.ts";

const RUN = `#!${OUTSIDE}/bash
name=\${0##*/}
loader=(${OUTSIDE}/usr/lib*/ld-linux-*.so.*)
libraries=(${OUTSIDE}/usr/lib/*-linux-gnu)
for folder in bin sbin; do
  program=${OUTSIDE}/usr/$folder/$name
  if [ -e "$program" ]; then
    exec "\${loader[0]}" --argv0 "$name" --library-path "\${libraries[0]}" "$program" "$@"
  fi
done
echo "$name: not found" >&2
exit 127
`;

/** Below `place`: `bin`, with a name for each program, and what starts them. `usr` of the packages has to be beside it. */
export function outsidePrograms(packages: FileTree, place: string): readonly Entry[] {
  const bash = lookup(packages, "/usr/bin/bash-static");
  if (bash?.type !== "file")
    throw new ImageDslError("E_VM_KERNEL", "The packages of the virtual machine have no bash-static");
  const programs = ["usr/bin", "usr/sbin"].flatMap((folder) =>
    packages.under(treePath(folder)).filter(({ type, origin = "" }) => type !== "directory" && PROMISED.test(origin)),
  );
  const names = new Set(programs.map(({ path }) => baseNameOf(path)));
  return [
    { ...bash, path: treePath(`${place}/bash`) },
    { ...inlineFile(treePath(`${place}/run`), Buffer.from(RUN)), mode: 0o755 },
    link(place, "bash", "../bash"),
    ...[...names].map((name) => link(place, name, "../run")),
  ];
}

/** Ids of packages: what else an executor has for itself is no script's. */
const PROMISED = /^debian:[^/]*\/(coreutils|passwd)=/;

function link(place: string, name: string, target: string): Entry {
  const path = treePath(`${place}/bin/${name}`);
  return { path, type: "symlink", mode: 0o777, uid: 0, gid: 0, mtime: 1, target };
}
