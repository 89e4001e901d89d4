/** The shared objects of a finished image, known by their names, and what their headers say. */
import {
  ImageDslError,
  canonicalJson,
  definedGlibc,
  digestOf,
  hexOf,
  lookup,
  readElf,
  requiredGlibc,
  withEntryBytes,
  type ByteSource,
  type Entry,
  type FileEntry,
  type FileTree,
  type GlibcVersion,
  type Json,
  type Store,
  type TreePath,
} from "../../../core/index.ts";

export interface SharedObject {
  readonly entry: FileEntry;
  readonly facts: ObjectFacts;
}

/** Of what a file is. `elf`: a shared object for Linux and the like. */
export type ObjectFacts =
  | {
      readonly format: "elf";
      readonly machine: number;
      readonly bits: number;
      readonly littleEndian: boolean;
      /** Go's word; only those that have one are judged: others are firmware, or programs for the kernel. */
      readonly architecture: string;
      readonly soname: string | null;
      readonly needed: readonly string[];
      /** The newest version of glibc whose symbols it needs, and of those that it has; 0.0 for none. */
      readonly glibc: { readonly required: GlibcVersion; readonly defined: GlibcVersion };
    }
  | { readonly format: "macos" | "windows" };

export type ElfFacts = ObjectFacts & { readonly format: "elf" };

type MaybeFacts = ObjectFacts | null;

/** Names by which the loader and `require` take files. */
const NAME = /\.(?:node|so(?:\.\d+)*)$/;

const KIND = "shared-objects-2";

/** In tree order. Of packages and archives, what was read once is kept; nothing is read of other files. */
export async function sharedObjects(
  tree: FileTree,
  store: Pick<Store, "readRecord" | "writeRecord">,
): Promise<readonly SharedObject[]> {
  const files = tree.entries().filter((entry): entry is FileEntry => entry.type === "file" && isObjectName(entry.path));
  const archived = files.filter(({ content }) => content.kind === "slice");
  const known = new Map<FileEntry, MaybeFacts>();
  if (archived.length > 0) {
    const facts = await factsOnce(archived, store);
    archived.forEach((entry, index) => known.set(entry, facts[index]!));
  }
  return files.flatMap((entry) => {
    const facts = known.has(entry) ? known.get(entry)! : factsOf(entry);
    return facts === null ? [] : [{ entry, facts }];
  });
}

/** Cheap for what is none: there may be very many. */
function isObjectName(path: string): boolean {
  const last = path.charCodeAt(path.length - 1);
  // A digit, the o of .so, or the e of .node.
  return ((last >= 48 && last <= 57) || last === 111 || last === 101) && NAME.test(path);
}

/** A package's bytes are its digest's, so what they say is found by that. */
async function factsOnce(
  files: readonly FileEntry[],
  store: Pick<Store, "readRecord" | "writeRecord">,
): Promise<readonly MaybeFacts[]> {
  const places = files.map(({ content, size }) =>
    content.kind === "slice" ? [content.archive, content.offset, size] : [],
  );
  const key = hexOf(digestOf(canonicalJson(places)));
  const kept = await store.readRecord(KIND, key);
  if (Array.isArray(kept) && kept.length === files.length) return kept as unknown as readonly MaybeFacts[];
  const facts = files.map(factsOf);
  await store.writeRecord(KIND, key, facts as unknown as Json);
  return facts;
}

/** null for what is neither, or damaged: nothing can be said of that. */
export function factsOf(entry: FileEntry): MaybeFacts {
  return withEntryBytes(entry, (source) => {
    const format = formatOf(source);
    if (format !== "elf") return format === undefined ? null : { format };
    try {
      const { type, dynamic, machine, bits, littleEndian, architecture, soname, needed } = readElf(source, entry.path);
      if (type !== "shared" || !dynamic || architecture === undefined) return null;
      const glibc = { required: requiredGlibc(entry), defined: definedGlibc(entry) };
      return { format, machine, bits, littleEndian, architecture, soname: soname ?? null, needed, glibc };
    } catch (error) {
      if (error instanceof ImageDslError && error.code === "E_ELF_INVALID") return null;
      throw error;
    }
  });
}

/** What an entry is, or leads to. */
export function factsIn(tree: FileTree, entry: Entry): MaybeFacts {
  const file = followed(tree, entry.path);
  return file?.type === "file" ? factsOf(file) : null;
}

/** What processes tell apart. */
export type ObjectKind = Pick<ElfFacts, "machine" | "bits" | "littleEndian">;

/** Whether one process can load both. */
export function isSameKind(a: ObjectKind, b: ObjectKind): boolean {
  return a.machine === b.machine && a.bits === b.bits && a.littleEndian === b.littleEndian;
}

/** Where a path leads; undefined where links lead nowhere or in a circle. */
export function followed(tree: FileTree, path: TreePath): Entry | undefined {
  try {
    return lookup(tree, path);
  } catch {
    return undefined;
  }
}

/** Mach-O of either byte order and width, or for several machines; a DOS header. */
const MAGIC: readonly (readonly [string, ObjectFacts["format"]])[] = [
  ["\x7fELF", "elf"],
  ["\xcf\xfa\xed\xfe", "macos"],
  ["\xce\xfa\xed\xfe", "macos"],
  ["\xca\xfe\xba\xbe", "macos"],
  ["MZ", "windows"],
];

function formatOf(source: ByteSource): ObjectFacts["format"] | undefined {
  const first = source.read(0, Math.min(4, source.size)).toString("latin1");
  return MAGIC.find(([magic]) => first.startsWith(magic))?.[1];
}
