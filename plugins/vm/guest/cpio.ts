/** A tree as the archive that Linux unpacks when it boots (Documentation/driver-api/early-userspace/buffer-format.rst, "newc"). */
import { modeOf, readWhole, type Entry, type FileTree } from "../../../core/index.ts";
import { FILE_KIND } from "../file-kind.ts";

/** The whole archive, in memory. The tree has no hard links. Owners are root, times 0. */
export function cpioArchive(tree: FileTree): Buffer {
  const parts: Uint8Array[] = [];
  let number = 1;
  for (const entry of tree.entries()) {
    if (entry.type === "hardlink") throw new Error(`A hard link in an initramfs: ${entry.path}`);
    parts.push(...member(entry.path, FILE_KIND[entry.type] | modeOf(entry), number++, contentOf(entry), entry));
  }
  parts.push(...member("TRAILER!!!", 0, 0, Buffer.alloc(0)));
  return Buffer.concat(parts);
}

function contentOf(entry: Entry): Uint8Array {
  if (entry.type === "symlink") return Buffer.from(entry.target, "latin1");
  return entry.type === "file" ? readWhole(entry) : Buffer.alloc(0);
}

function member(name: string, mode: number, number: number, content: Uint8Array, entry?: Entry): readonly Uint8Array[] {
  const [major, minor] = entry !== undefined && "major" in entry ? [entry.major, entry.minor] : [0, 0];
  // ino, mode, uid, gid, nlink, mtime, filesize, device, rdevice, namesize, check
  const fields = [number, mode, 0, 0, 1, 0, content.length, 0, 0, major, minor, name.length + 1, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}${name}\0`;
  return [padded(Buffer.from(header, "latin1")), padded(content)];
}

function padded(bytes: Uint8Array): Uint8Array {
  const missing = -bytes.length & 3;
  return missing === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(missing)]);
}
