/** The guest's bash, coreutils and shadow tools for images that have none: seen below a mount point, by the guest's own loader. */
import {
  ImageDslError,
  baseNameOf,
  inlineFile,
  lookup,
  treePath,
  type Entry,
  type FileTree,
} from "../../../core/index.ts";

/** Where they are while a script runs: below a mount point, which is not read back. */
export const TOOLS = "/dev/.image-dsl";

/** Where they are in the guest. */
export const TOOLS_IN_GUEST = "/tools";

const RUN = `#!${TOOLS}/bash
name=\${0##*/}
loader=(${TOOLS}/usr/lib*/ld-linux-*.so.*)
libraries=(${TOOLS}/usr/lib/*-linux-gnu)
for folder in bin sbin; do
  program=${TOOLS}/usr/$folder/$name
  if [ -e "$program" ]; then
    exec "\${loader[0]}" --argv0 "$name" --library-path "\${libraries[0]}" "$program" "$@"
  fi
done
echo "$name: not found" >&2
exit 127
`;

/** `bin`, with a name for each program, and what starts them. The guest's `usr` is mounted beside it. */
export function toolEntries(packages: FileTree): readonly Entry[] {
  const bash = lookup(packages, "/usr/bin/bash-static");
  if (bash?.type !== "file")
    throw new ImageDslError("E_VM_KERNEL", "The packages of the virtual machine have no bash-static");
  const programs = ["usr/bin", "usr/sbin"].flatMap((folder) =>
    packages.under(treePath(folder)).filter(({ type, path }) => type !== "directory" && !OWN_WAY.has(baseNameOf(path))),
  );
  const names = new Set(programs.map(({ path }) => baseNameOf(path)));
  return [
    { ...bash, path: treePath(`${TOOLS_IN_GUEST}/bash`) },
    { ...inlineFile(treePath(`${TOOLS_IN_GUEST}/run`), Buffer.from(RUN)), mode: 0o755 },
    link("bash", "../bash"),
    ...[...names].map((name) => link(name, "../run")),
  ];
}

const OWN_WAY = new Set(["busybox", "bash-static", "bash"]);

function link(name: string, target: string): Entry {
  const path = treePath(`${TOOLS_IN_GUEST}/bin/${name}`);
  return { path, type: "symlink", mode: 0o777, uid: 0, gid: 0, mtime: 1, target };
}
