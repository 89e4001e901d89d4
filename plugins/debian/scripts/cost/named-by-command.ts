/** What one command would make: its arguments are known, and it is not run. */
import type { FileTree } from "../../../../core/index.ts";
import { type Named, NOTHING } from "./things.ts";
import { entryAt } from "./script-path.ts";

type Maker = (args: Arguments, tree: FileTree) => Partial<Named>;

/** Options with a value are those of the command's own list. */
interface Arguments {
  readonly operands: readonly string[];
  has(...options: readonly string[]): boolean;
  value(...options: readonly string[]): string | undefined;
}

interface MakingCommand {
  /** Options that take the next word. */
  readonly valued: readonly string[];
  readonly make: Maker;
}

export function namedByCommand(words: readonly string[], tree: FileTree): Partial<Named> {
  const [program = "", ...args] = words;
  const name = program.slice(program.lastIndexOf("/") + 1);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (name === "update-alternatives") return { links: alternativeLinks(args) };
  return command === undefined ? NOTHING : command.make(argumentsOf(args, command.valued), tree);
}

const COMMANDS: Readonly<Record<string, MakingCommand>> = {
  adduser: {
    valued: ["--home", "--shell", "--gecos", "--comment", "--uid", "--gid", "--ingroup", "--firstuid", "--lastuid"],
    make: ({ operands, has, value }) => {
      const [name, ...others] = operands;
      if (name === undefined || others.length > 0) return NOTHING;
      if (has("--group") && !has("--system")) return { groups: [name] };
      const home = value("--home");
      return {
        users: [name],
        groups: has("--group") || !has("--system") ? [name] : [],
        directories: home === undefined || has("--no-create-home") ? [] : [home],
      };
    },
  },
  addgroup: {
    valued: ["--gid", "--firstgid", "--lastgid"],
    make: ({ operands }) => ({ groups: operands.slice(0, 1) }),
  },
  useradd: {
    valued: [
      "-c",
      "--comment",
      "-d",
      "--home",
      "--home-dir",
      "-g",
      "--gid",
      "-G",
      "--groups",
      "-s",
      "--shell",
      "-u",
      "--uid",
    ],
    make: ({ operands, has, value }) => ({
      users: operands,
      groups: has("-U", "--user-group") ? operands : [],
      directories: has("-m", "--create-home") ? [value("-d", "--home", "--home-dir") ?? ""] : [],
    }),
  },
  groupadd: { valued: ["-g", "--gid"], make: ({ operands }) => ({ groups: operands }) },
  mkdir: { valued: ["-m", "--mode"], make: ({ operands }) => ({ directories: operands }) },
  install: {
    valued: ["-o", "--owner", "-g", "--group", "-m", "--mode", "-t", "--target-directory"],
    make: (args, tree) =>
      args.has("-d", "--directory") ? { directories: args.operands } : { files: destinations(args, tree) },
  },
  cp: { valued: ["-t", "--target-directory"], make: (args, tree) => ({ files: destinations(args, tree) }) },
  mv: { valued: ["-t", "--target-directory"], make: (args, tree) => ({ files: destinations(args, tree) }) },
  ln: {
    valued: ["-t", "--target-directory"],
    make: (args, tree) => (args.has("-s", "--symbolic") ? { links: destinations(args, tree) } : NOTHING),
  },
  ucf: { valued: ["--src-dir", "--state-dir"], make: ({ operands }) => ({ files: operands.slice(1, 2) }) },
  touch: { valued: ["-d", "-r", "-t"], make: ({ operands }) => ({ files: operands }) },
  tee: { valued: [], make: ({ operands }) => ({ files: operands }) },
};

function argumentsOf(args: readonly string[], valued: readonly string[]): Arguments {
  const values = new Map<string, string>();
  const operands: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    if (arg === "--") return { ...read(values), operands: [...operands, ...args.slice(at + 1)] };
    if (arg.startsWith("--")) {
      const [name = "", ...rest] = arg.split("=");
      values.set(name, rest.length > 0 ? rest.join("=") : valued.includes(name) ? (args[++at] ?? "") : "");
    } else if (/^-./.test(arg)) {
      // Bundled letters, of which the last one may take a value.
      for (let letter = 1; letter < arg.length; letter++) {
        const name = `-${arg[letter]!}`;
        const rest = arg.slice(letter + 1);
        values.set(name, valued.includes(name) ? rest || (args[++at] ?? "") : "");
        if (valued.includes(name)) break;
      }
    } else operands.push(arg);
  }
  return { ...read(values), operands };
}

function read(values: ReadonlyMap<string, string>): Omit<Arguments, "operands"> {
  return {
    has: (...options) => options.some((option) => values.has(option)),
    value: (...options) => options.map((option) => values.get(option)).find((value) => value !== undefined),
  };
}

/** Where `cp`, `ln` and the like put what they are given: at the last operand, or into it. */
function destinations({ operands, value }: Arguments, tree: FileTree): readonly string[] {
  const folder = value("-t", "--target-directory");
  const sources = folder === undefined ? operands.slice(0, -1) : operands;
  const last = folder ?? operands.at(-1);
  if (last === undefined || sources.length === 0) return [];
  const isFolder = folder !== undefined || sources.length > 1 || last.endsWith("/") || isDirectory(last, tree);
  if (!isFolder) return [last];
  return sources.map((source) => `${last.replace(/\/$/, "")}/${source.slice(source.lastIndexOf("/") + 1)}`);
}

function isDirectory(path: string, tree: FileTree): boolean {
  return entryAt(tree, path)?.type === "directory";
}

function alternativeLinks(args: readonly string[]): readonly string[] {
  return args.flatMap((arg, index) =>
    arg === "--install" || arg === "--slave" ? args.slice(index + 1, index + 2) : [],
  );
}
