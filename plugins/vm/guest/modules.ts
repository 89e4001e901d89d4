/** Which modules of a kernel are loaded, in which order: each module's file says what it depends on (Linux, `.modinfo`). */
import { ImageDslError } from "../../../core/index.ts";

/** `read`: a module's unpacked file by its name; undefined where it is built into the kernel. Those that others need come first. */
export async function moduleOrder(
  wanted: readonly string[],
  read: (name: string) => Promise<Buffer | undefined>,
): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>();
  const visit = async (name: string, above: readonly string[]): Promise<void> => {
    if (found.has(name)) return;
    if (above.includes(name)) throw new ImageDslError("E_VM_KERNEL", `Kernel modules need each other: ${name}`);
    const file = await read(name);
    if (file === undefined) return;
    for (const each of dependsOf(file)) await visit(each, [...above, name]);
    found.set(name, file);
  };
  for (const name of wanted) await visit(name, []);
  return found;
}

/** Names with underscores, whatever the files are called. */
function dependsOf(file: Buffer): readonly string[] {
  const at = file.indexOf("\0depends=", 0, "latin1");
  if (at < 0) return [];
  const text = file.toString("latin1", at + "\0depends=".length, file.indexOf(0, at + 1));
  return text === "" ? [] : text.split(",").map((name) => name.replaceAll("-", "_"));
}
