/** A kernel that the user names in place of Debian's, and the folder that holds its modules. */
import { resolve } from "node:path";
import {
  FileTree,
  ImageDslError,
  hostPath,
  inTurns,
  listAll,
  messageOf,
  readRegular,
  type BuildContext,
} from "../../../core/index.ts";
import { moduleName } from "./modules.ts";

export interface OwnKernel {
  /** Its path. */
  readonly name: string;
  readonly bytes: Buffer;
  /** Its modules' files, in folders. Empty where it needs none. */
  readonly modules: FileTree;
}

/** Undefined where the user names none. Throws `E_VM_KERNEL`. */
export async function ownKernel({
  virtualMachine: { kernel, modules },
  directory,
  signal,
}: BuildContext): Promise<OwnKernel | undefined> {
  if (kernel === undefined) {
    if (modules === undefined) return undefined;
    throw new ImageDslError("E_VM_KERNEL", `"${modules}" are the modules of no kernel`, {
      hint: "Name their kernel by --vm-kernel or virtualMachine.kernel",
    });
  }
  const name = resolve(directory, kernel);
  const bytes = await reading("kernel", name, () => readRegular(name, "vm.kernel"));
  if (modules === undefined) return { name, bytes, modules: FileTree.empty };
  const folder = resolve(directory, modules);
  const entries = await reading("modules", folder, () => inTurns(listAll(hostPath(folder), { modes: "keep" }), signal));
  const tree = FileTree.of(entries.filter(({ type }) => type === "file" || type === "directory"));
  if (tree.entries().some(({ path }) => moduleName(path) !== undefined)) return { name, bytes, modules: tree };
  throw new ImageDslError("E_VM_KERNEL", `The folder "${folder}" holds no modules of a Linux kernel`, {
    hint: "Name the folder that is called after the kernel's version, as /lib/modules/VERSION is",
  });
}

async function reading<Result>(what: string, path: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (cause) {
    throw new ImageDslError(
      "E_VM_KERNEL",
      `Cannot read the ${what} of virtual machines, "${path}": ${messageOf(cause)}`,
      {
        hint: "See --vm-kernel and --vm-modules, or virtualMachine: { kernel, modules } of the config",
        cause,
      },
    );
  }
}
