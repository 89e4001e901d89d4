/**
 * Whether a file is one that the target would choose, as far as its path tells. Packages bring builds for several
 * platforms side by side (`prebuilds/darwin-arm64/`, `@img/sharp-linuxmusl-x64/`, `addon.win32-x64-msvc.node`) and load
 * the one that fits; those of others are no fault.
 */
import { BASE, type Entry, type TreePath } from "../../../core/index.ts";

export interface Target {
  /** Go's word. */
  readonly architecture: string;
  readonly hasMusl: boolean;
  readonly hasGlibc: boolean;
}

const FOREIGN_SYSTEMS = new Set(
  "darwin macos osx mac win32 windows win64 win android ios freebsd openbsd netbsd sunos solaris aix wasm32 wasi".split(
    " ",
  ),
);
const MUSL = new Set(["musl", "linuxmusl", "musleabi", "musleabihf", "alpine"]);
const GLIBC = new Set(["glibc", "gnu", "gnueabi", "gnueabihf", "gnuabi64"]);

/** What others call Go's architectures. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: "amd64",
  amd64: "amd64",
  ia32: "386",
  x86: "386",
  i386: "386",
  i686: "386",
  arm64: "arm64",
  aarch64: "arm64",
  arm: "arm",
  armhf: "arm",
  armel: "arm",
  armv6: "arm",
  armv6l: "arm",
  armv7: "arm",
  armv7l: "arm",
  ppc64le: "ppc64le",
  ppc64el: "ppc64le",
  powerpc64le: "ppc64le",
  ppc64: "ppc64",
  s390x: "s390x",
  riscv64: "riscv64",
  riscv64gc: "riscv64",
  loong64: "loong64",
  loongarch64: "loong64",
  mips: "mips",
  mipsel: "mipsle",
  mips64el: "mips64le",
};

/**
 * A package's own plugin, as far as its place tells: deeper in the system's library directories than the loader looks.
 * Packages ship plugins for libraries that they only recommend, and say by their dependencies what they cannot do without.
 */
export function isOptional({ path, origin = "" }: Entry): boolean {
  if (path.endsWith(".node") || !(origin === BASE || origin.startsWith("debian:"))) return false;
  const below = path.replace(SYSTEM_LIBRARIES, "");
  return below.length < path.length && below.includes("/");
}

function architecturesIn(words: readonly string[]): readonly (string | undefined)[] {
  return words.flatMap((word) => (Object.hasOwn(ARCHITECTURES, word) ? [ARCHITECTURES[word]] : []));
}

export const SYSTEM_LIBRARIES = /^(?:usr\/)?lib(?:32|64|x32)?\/(?:[a-z0-9_]+-linux-[a-z0-9]+\/)?/;

/** Loaded by devices, or by debuggers: not by a program. */
const NEVER_LOADED = /(?:^|\/)(?:lib\/firmware|lib\/debug)\//;

export function isChosen(path: TreePath, { architecture, hasMusl, hasGlibc }: Target): boolean {
  if (NEVER_LOADED.test(path)) return false;
  const segments = path
    .toLowerCase()
    .replace(/x86[_-]64/g, "x64")
    .split("/")
    .map((segment) => segment.split(/[^a-z0-9]+/));
  const words = segments.flat();
  if (words.some((word) => FOREIGN_SYSTEMS.has(word))) return false;
  // What lies around them may be for the target: `/srv/amd64/node_modules/a/prebuilds/linux-arm64/`.
  const isForeign = (named: readonly (string | undefined)[]): boolean =>
    named.length > 0 && !named.includes(architecture);
  if (segments.some((segment) => isForeign(architecturesIn(segment)))) return false;
  if (words.some((word) => MUSL.has(word))) return hasMusl;
  return !words.some((word) => GLIBC.has(word)) || hasGlibc || !hasMusl;
}
