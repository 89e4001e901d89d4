/** The glibc of a tree: its dynamic loader, and what its own ldconfig would know by being built with it. */
import {
  ImageDslError,
  oncePerContent,
  readElfEntry,
  readLoaderDefaults,
  withEntryBytes,
  type ElfFile,
  type FileEntry,
  type FileTree,
  type LoaderDefaults,
} from "../../core/index.ts";
import { follow } from "./tree.ts";

export interface Glibc {
  readonly loader: ElfFile;
  readonly defaults: LoaderDefaults;
  /** How its ldconfig signs caches; undefined where libc itself is not there to tell. */
  readonly generator?: string;
  /** 2.36 and older. */
  readonly typesLibraries: boolean;
}

/** Where programs ask for their loader: fixed by each architecture's ABI. */
const LOADERS = [
  "/lib64/ld-linux-x86-64.so.2",
  "/lib/ld-linux-aarch64.so.1",
  "/lib/ld-linux-armhf.so.3",
  "/lib/ld-linux.so.3",
  "/lib/ld-linux.so.2",
  "/lib64/ld64.so.2",
  "/lib64/ld64.so.1",
  "/lib/ld64.so.1",
  "/lib/ld-linux-riscv64-lp64d.so.1",
  "/lib/ld-linux-riscv64-lp64.so.1",
  "/lib64/ld-linux-loongarch-lp64d.so.1",
  "/lib64/ld.so.1",
  "/lib/ld.so.1",
  "/lib/ld-linux-mipsn8.so.1",
  "/lib64/ld-linux-mipsn8.so.1",
  "/lib64/ld-linux.so.2",
  "/libx32/ld-linux-x32.so.2",
];

const LIBC_LIMIT = 32 * 1024 * 1024;
const LAST_TYPING_VERSION = [2, 36] as const;

/** The tree's glibc, that of `architecture` (Go's word) first; undefined where the tree has none. */
export function findGlibc(tree: FileTree, architecture: string): Glibc | undefined {
  const found = LOADERS.flatMap((path) => readLoader(tree, path) ?? []);
  const chosen = found.find(({ loader }) => loader.architecture === architecture) ?? found[0];
  return chosen === undefined ? undefined : { ...chosen, ...readBanner(tree, chosen) };
}

type Loader = Pick<Glibc, "loader" | "defaults">;

function readLoader(tree: FileTree, path: string): Loader | undefined {
  const entry = follow(tree, path);
  if (entry?.type !== "file") return undefined;
  const loader = readElfOrNothing(entry, path);
  const defaults = loader && defaultsOf(entry);
  return loader && defaults && { loader, defaults };
}

const defaultsOf = oncePerContent((entry) => withEntryBytes(entry, readLoaderDefaults));

function readBanner(tree: FileTree, { loader, defaults }: Loader): Pick<Glibc, "generator" | "typesLibraries"> {
  for (const directory of defaults.directories) {
    const path = `${directory}/libc.so.6`;
    const entry = follow(tree, path);
    if (entry?.type !== "file" || entry.size > LIBC_LIMIT) continue;
    const libc = readElfOrNothing(entry, path);
    if (libc?.machine !== loader.machine || libc.bits !== loader.bits) continue;
    const banner = bannerOf(entry);
    if (banner !== undefined) return banner;
  }
  return { typesLibraries: false };
}

/** Of a libc. */
const bannerOf = oncePerContent((entry): Required<Pick<Glibc, "generator" | "typesLibraries">> | undefined => {
  const text = withEntryBytes(entry, (source) => source.read(0, source.size).toString("latin1"));
  const banner = /GNU C Library ([^\0\n]{0,200}? release version (\d{1,4})\.(\d{1,4})[\d.]*)\.\n/.exec(text);
  if (banner === null) return undefined;
  const [major, minor] = [Number(banner[2]), Number(banner[3])];
  const typesLibraries =
    major < LAST_TYPING_VERSION[0] || (major === LAST_TYPING_VERSION[0] && minor <= LAST_TYPING_VERSION[1]);
  // Copied: a part of the text would keep all of it.
  return { generator: Buffer.from(`ldconfig ${banner[1]}`, "latin1").toString("latin1"), typesLibraries };
});

/** undefined for what is no ELF file or a damaged one: ldconfig passes over those. */
export function readElfOrNothing(entry: FileEntry, name: string): ElfFile | undefined {
  try {
    return readElfEntry(entry, name);
  } catch (error) {
    if (error instanceof ImageDslError && error.code === "E_ELF_INVALID") return undefined;
    throw error;
  }
}
