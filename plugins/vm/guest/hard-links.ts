/**
 * Names of one file of the tree that a script changed in place under another of its names. An overlay mount with an index shows the
 * change under all of them, but its upper directory holds only the names that were used. At the end the others are brought there too:
 * to the same file, so that the archive tells of a hard link (Linux, Documentation/filesystems/overlayfs.rst, "Inode index").
 */
import type { FileTree, TreePath } from "../../../core/index.ts";
import { DISK } from "./init.ts";

/** Where the names lie, each with a zero byte behind it. */
export const LINKED_NAMES = `${DISK}/job/linked-names`;

/** All names of files that have several. */
export function linkedNames(tree: FileTree): Buffer {
  const names = new Set<TreePath>();
  for (const entry of tree.entries()) if (entry.type === "hardlink") names.add(entry.target).add(entry.path);
  return Buffer.from([...names].map((name) => `./${name}\0`).join(""), "latin1");
}

/**
 * For bash. Names in the index are file handles in hex digits: 25 bytes of others, then the inode's number (files on their way out
 * begin with a "#"). Each must be one of the tree's, else the script fails. What touches a file changes nothing of it, but brings it to the upper directory.
 */
export function copyUpLinks(lower: string, index: string, root: string): string {
  return `shopt -s nullglob
declare -A changed
handle='^00fb210081.{40}(..)(..)(..)(..)00000000'
for each in ${index}/[!#]*; do
  [[ \${each##*/} =~ $handle ]] || exit 1
  changed[$((16#\${BASH_REMATCH[4]}\${BASH_REMATCH[3]}\${BASH_REMATCH[2]}\${BASH_REMATCH[1]}))]=1
done
[ \${#changed[@]} -gt 0 ] || exit 0
mapfile -d '' -t names < ${LINKED_NAMES}
cd ${lower} && busybox xargs -0 stat -c %i < ${LINKED_NAMES} > /work/inode-numbers || exit 1
mapfile -t numbers < /work/inode-numbers
cd ${root} || exit 1
# Not where a folder above it has become a file or a symbolic link.
is_there() (
  path=\${1#./} folder=${root}
  if [[ $path = */* ]]; then folder+=/\${path%/*}; fi
  cd -P -- "$folder" 2>/dev/null && [[ $PWD = "$folder" ]]
)
declare -A found
for each in "\${!names[@]}"; do
  number=\${numbers[each]}
  [ -n "$number" ] || exit 1
  if [ -n "\${changed[$number]}" ]; then
    found[$number]=1
    if is_there "\${names[each]}"; then printf '%s\\0' "\${names[each]}"; fi
  fi
done > /work/changed-links
[ \${#found[@]} = \${#changed[@]} ] || exit 1
busybox xargs -0 touch --no-create --no-dereference -m -d @1 < /work/changed-links
`;
}
