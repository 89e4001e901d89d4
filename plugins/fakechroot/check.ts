/**
 * Whether fakechroot can work inside a tree. Its library and fakeroot's are the host's, but are loaded by the image's
 * programs together with the image's C library, by the host's loader: all of them have to fit.
 */
import {
  ImageDslError,
  definedGlibc,
  isNewerGlibc,
  hostPath,
  joinPath,
  lookup,
  parentOf,
  readElfEntry,
  readElfOfHost,
  requireTool,
  requiredGlibc,
  resolvePath,
  runProgram,
  treePath,
  FAKEROOT,
  HELPER_ENVIRONMENT,
  type ElfFile,
  type FileEntry,
  type FileTree,
  type GlibcVersion,
  type HostTool,
  type ScriptShellProgram,
} from "../../core/index.ts";

/** Throws `E_RUNNER_UNSUPPORTED` with what does not fit. */
export async function checkTree(
  tree: FileTree,
  shell: ScriptShellProgram,
  tool: HostTool,
  signal: AbortSignal,
): Promise<void> {
  const program = lookup(tree, shell.path) as FileEntry;
  const elf = readElfEntry(program, shell.path);
  if (elf === undefined) throw unsupported(`its ${shell.path} is no program`);
  if (elf.static || elf.interpreter === undefined) {
    throw unsupported(`its ${shell.path} is statically linked, which neither fakechroot nor fakeroot can reach`);
  }
  const host = await hostLibraries(tool, signal);
  const own = readElfOfHost(hostPath(host.libc))!;
  if (elf.machine !== own.machine || elf.bits !== own.bits) {
    throw unsupported(`its programs are for ${nameOf(elf)}, this machine is ${nameOf(own)}`);
  }
  if (/musl/.test(elf.interpreter))
    throw unsupported("its C library is musl, and fakechroot's library on this machine is for glibc");
  const libc = findLibc(tree, elf.interpreter, host.libc);
  if (libc === undefined) throw unsupported("it has no libc.so.6");
  const defined = definedGlibc(libc);
  for (const library of [host.fakechroot, host.fakeroot]) {
    const required = requiredGlibc(hostPath(library));
    if (isNewerGlibc(required, defined)) {
      throw unsupported(`its glibc is ${textOf(defined)}, and ${library} of this machine needs ${textOf(required)}`);
    }
  }
  const loader = definedGlibc(hostPath(host.libc));
  if (textOf(defined) !== textOf(loader)) {
    throw unsupported(
      `its glibc is ${textOf(defined)}, and this machine's loader is of glibc ${textOf(loader)}; they work only with their own`,
    );
  }
}

interface HostLibraries {
  readonly fakechroot: string;
  readonly fakeroot: string;
  readonly libc: string;
}

/** Asks the tools themselves: a program under both shows where its libraries came from. */
async function hostLibraries(tool: HostTool, signal: AbortSignal): Promise<HostLibraries> {
  const args = ["--", requireTool(tool), "-c", "/etc/fakechroot", "--", "cat", "/proc/self/maps"];
  const { stdout, stderr } = await runProgram(requireTool(FAKEROOT), args, {
    cwd: "/",
    env: HELPER_ENVIRONMENT,
    signal,
  });
  const find = (pattern: RegExp): string => {
    const path = pattern.exec(stdout)?.[1];
    if (path !== undefined) return path;
    throw new ImageDslError(
      "E_RUNNER_UNSUPPORTED",
      `Fakechroot does not work on this machine: ${stderr.trim().slice(0, 500) || "its library is not loaded"}`,
      {
        hint: "See that `fakeroot fakechroot true` works, or leave enableFakechroot out",
      },
    );
  };
  return {
    fakechroot: find(/ (\/.*\/libfakechroot[^/\n]*)$/m),
    fakeroot: find(/ (\/.*\/libfakeroot[^/\n]*)$/m),
    libc: find(/ (\/.*\/libc[.-][^/\n]*)$/m),
  };
}

/** The image's libc: beside its loader, where the host has its own, or in one of the usual places. */
function findLibc(tree: FileTree, interpreter: string, hostLibc: string): FileEntry | undefined {
  const loader = resolvePath(tree, interpreter);
  const hosts = parentOf(treePath(hostLibc));
  const directories = [
    parentOf(loader),
    hosts,
    ...[hosts.replace(/^usr\//, ""), "lib64", "usr/lib64", "lib", "usr/lib"].map(treePath),
  ];
  for (const directory of directories) {
    const entry = lookup(tree, joinPath(directory, "libc.so.6"));
    if (entry?.type === "file") return entry;
  }
  return undefined;
}

function textOf([major, minor]: GlibcVersion): string {
  return `${major}.${minor}`;
}

function nameOf({ architecture, machine }: ElfFile): string {
  return architecture ?? `ELF machine ${machine}`;
}

function unsupported(why: string): ImageDslError {
  return new ImageDslError("E_RUNNER_UNSUPPORTED", `Cannot run a script inside the image with fakechroot: ${why}`, {
    hint: "Leave enableFakechroot out and use paths relative to the working directory, or use runAsRoot",
  });
}
