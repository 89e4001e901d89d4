/** Which modules of a kernel are loaded, in which order: each module's file says what it depends on (Linux, `.modinfo`). */
import {
  ImageDslError,
  baseNameOf,
  readWhole,
  type FileEntry,
  type FileTree,
  type TreePath,
} from "../../../core/index.ts";
import { unpacked } from "./unpacked.ts";

/** Reads modules of one kernel. */
export interface ModuleReader {
  /** Its unpacked file; undefined where it is built into the kernel, or not there. Throws `E_VM_KERNEL` for another kernel's. */
  read(name: string): Promise<Buffer | undefined>;
  /** Modules that have this name beside their own. None where what has it is built in. */
  aliased(alias: string): Promise<readonly string[]>;
}

/** `packages`: in which the modules' files are, wherever. `release`: the kernel's. */
export function moduleReader(packages: FileTree, release: string): ModuleReader {
  const files = packages.entries().filter((entry): entry is FileEntry => entry.type === "file");
  const byName = new Map(files.map((entry) => [moduleName(entry.path), entry] as const));
  const unpackModule = (file: FileEntry): Promise<Buffer> => unpacked(readWhole(file), "vm.module");
  return {
    async read(name) {
      const entry = byName.get(name);
      const file = entry && (await unpackModule(entry));
      const made = file && infoOf(file, "vermagic")[0]?.split(" ")[0];
      if (file === undefined || made === release) return file;
      throw new ImageDslError(
        "E_VM_KERNEL",
        `The kernel is Linux ${release}, its module ${name} of Linux ${made ?? "?"}`,
        {
          hint: "Name the kernel's own modules",
        },
      );
    },
    async aliased(alias) {
      const builtIn = files.find(({ path }) => baseNameOf(path) === "modules.builtin.modinfo");
      if (builtIn && Buffer.from(readWhole(builtIn)).includes(`.alias=${alias}\0`)) return [];
      const found: string[] = [];
      // Only algorithms are meant by what they do.
      for (const file of files.filter(({ path }) => path.includes("/crypto/"))) {
        const name = moduleName(file.path);
        if (name !== undefined && infoOf(await unpackModule(file), "alias").includes(alias)) found.push(name);
      }
      return found.sort();
    },
  };
}

/** With underscores, whatever its file is called; undefined for what is none. */
export function moduleName(path: TreePath): string | undefined {
  return /^(.*)\.ko(?:\.xz|\.zst|\.gz)?$/.exec(baseNameOf(path))?.[1]?.replaceAll("-", "_");
}

/** Those that others need come first. What is not there is built in, or missed by the guest. */
export async function moduleOrder(
  wanted: readonly string[],
  modules: ModuleReader,
): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>();
  const visit = async (name: string, above: readonly string[]): Promise<boolean> => {
    if (found.has(name)) return true;
    if (above.includes(name)) throw new ImageDslError("E_VM_KERNEL", `Kernel modules need each other: ${name}`);
    const file = await modules.read(name);
    if (file === undefined) return false;
    const chain = [...above, name];
    for (const each of softlyNeeded(file).filter((other) => !chain.includes(other))) {
      if (await visit(each, chain)) continue;
      for (const other of await modules.aliased(each)) await visit(other, chain);
    }
    for (const each of needed(file)) await visit(each, chain);
    found.set(name, file);
    return true;
  };
  for (const name of wanted) await visit(name, []);
  return found;
}

function needed(file: Buffer): readonly string[] {
  return infoOf(file, "depends").flatMap(namesIn);
}

/** What a module asks for when it is loaded, without a reference to it: `pre: a b post: c`. */
function softlyNeeded(file: Buffer): readonly string[] {
  return infoOf(file, "softdep").flatMap((text) => namesIn(/(?:^|\s)pre:([^:]*)(?=\spost:|$)/.exec(text)?.[1] ?? ""));
}

function namesIn(text: string): readonly string[] {
  return text
    .split(/[\s,]+/)
    .filter((name) => name !== "")
    .map((name) => name.replaceAll("-", "_"));
}

/** A module's `key=value` texts, each with a zero byte on either side. */
function infoOf(file: Buffer, key: string): readonly string[] {
  const texts: string[] = [];
  const mark = `\0${key}=`;
  for (let at = file.indexOf(mark, 0, "latin1"); at >= 0; at = file.indexOf(mark, at + 1, "latin1")) {
    const start = at + mark.length;
    texts.push(file.toString("latin1", start, file.indexOf(0, start)));
  }
  return texts;
}
