/** How a file is started, from its first bytes: by itself, by a dynamic loader, or by the interpreter in its first line. */
import { ImageDslError, readElfEntry, withEntryBytes, type FileEntry } from "../../core/index.ts";

export type Start =
  /** By itself, or by what only the host knows. */
  | { readonly kind: "itself" }
  /** An ELF file: the dynamic loader that it says, and Go's word of what it is for, where there is one. */
  | { readonly kind: "elf"; readonly loader: string | undefined; readonly architecture: string | undefined }
  /** `argument` is the rest of the line: one word, blanks and all. */
  | { readonly kind: "script"; readonly interpreter: string; readonly argument: string }
  /** Text without an interpreter, or nothing at all: the kernel does not start it. */
  | { readonly kind: "nothing"; readonly what: string };

/** Linux looks no further for the end of the first line (BINPRM_BUF_SIZE). */
const HEAD = 256;

/** Bytes of a text: all but control characters, tabs and line ends excepted. */
// oxlint-disable-next-line no-control-regex -- they are what tells a program from a text
const NOT_TEXT = /[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]/;

export function startOf(entry: FileEntry): Start {
  const head = withEntryBytes(entry, (source) => source.read(0, Math.min(source.size, HEAD))).toString("latin1");
  if (head === "") return { kind: "nothing", what: "is empty" };
  if (head.startsWith("\x7fELF")) return elfOf(entry);
  if (!head.startsWith("#!")) {
    return NOT_TEXT.test(head) ? { kind: "itself" } : { kind: "nothing", what: "is a text whose first line is no #!" };
  }
  const [line = ""] = head.slice(2).split("\n", 1);
  const [, interpreter = "", argument = ""] = /^[ \t]*([^ \t\0]*)[ \t]*([^\0]*?)[ \t]*(?:\0|$)/.exec(line) ?? [];
  if (interpreter === "") return { kind: "nothing", what: "names no interpreter in its first line" };
  return { kind: "script", interpreter, argument };
}

/** What `env` is told to start, as its argument in a first line says; undefined where that is more than a word. */
export function wordOfEnv(argument: string): string | undefined {
  const split = /^(?:-S|--split-string=?)[ \t]*(.*)$/.exec(argument)?.[1];
  if (split === undefined) return argument === "" || /^-|=/.test(argument) ? undefined : argument;
  // Options, quotes and variables are read by env itself.
  if (/["'\\$#]/.test(split)) return undefined;
  const word = split.split(/[ \t]+/).find((each) => !/^[A-Za-z_]\w*=/.test(each));
  return word === undefined || word === "" || word.startsWith("-") ? undefined : word;
}

function elfOf(entry: FileEntry): Start {
  try {
    const { interpreter: loader, architecture } = readElfEntry(entry, entry.path) ?? {};
    return { kind: "elf", loader, architecture };
  } catch (error) {
    if (error instanceof ImageDslError && error.code === "E_ELF_INVALID") return { kind: "itself" };
    throw error;
  }
}
