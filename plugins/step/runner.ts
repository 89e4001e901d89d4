/** How a step's commands are run: in the sandbox, at the same paths everywhere, or without one, where its directories are. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  BASH,
  FileTree,
  hostShell,
  lacksNetwork,
  inlineFile,
  treePath,
  type NameFiles,
  type ScriptPlace,
  type ScriptRunner,
} from "../../core/index.ts";
import { sandboxOptions, type Bubblewrap } from "./bubblewrap.ts";
import type { StepOptions } from "./source.ts";

const NAMES: NameFiles = {
  passwd: "root:x:0:0:root:/nonexistent:/bin/sh\nbuild:x:1000:1000:build:/build/home:/bin/sh\n",
  group: "root:x:0:\nbuild:x:1000:\n",
  shadow: "",
  gshadow: "",
};

/** The sandbox's own files of /etc, laid out beside the inputs; no input can have that name. */
export const ETC = ".etc";

export const ETC_TREE = FileTree.of(
  Object.entries({
    group: NAMES.group,
    hosts: "127.0.0.1 localhost build\n::1 localhost\n",
    passwd: NAMES.passwd,
  }).map(([name, text]) => inlineFile(treePath(name), Buffer.from(text))),
);

const NO_NETWORK =
  "There is no network in a step: what it needs comes by its inputs, or is fetched by the function outside of $";

/** `names`: the inputs'. */
export function stepRunner(
  bubblewrap: Bubblewrap | undefined,
  names: readonly string[],
  { env = {}, run }: Pick<StepOptions, "env" | "run">,
): ScriptRunner {
  const isText = typeof run === "string";
  return {
    kind: "step",
    faked: false,
    tools: [BASH],
    leaveOut: [],
    // A function of the config's runs outside, and could change them.
    keepsSources: bubblewrap !== undefined && isText,
    isWalledOff: bubblewrap !== undefined && isText,
    // Bubblewrap goes to its own; the shell before it writes down where it starts, which all inside can read.
    start: (place) => (bubblewrap === undefined ? place.temporary : "/"),
    // The same ones, and no others, with a sandbox and without.
    names: bubblewrap === undefined ? () => NAMES : "sandbox",
    shell: hostShell,
    mend: (lines) => (bubblewrap !== undefined && lacksNetwork(lines) ? NO_NETWORK : undefined),
    enter(command, place) {
      const seen = bubblewrap === undefined ? place : INSIDE;
      const variables = {
        HOME: seen.home,
        TMPDIR: seen.temporary,
        ...env,
        out: seen.root,
        ...Object.fromEntries(names.map((name) => [`inputs_${name}`, join(seen.sources, name)])),
      };
      if (bubblewrap === undefined) return { command, env: variables };
      const translated = command.map((argument) => translate(argument, place));
      return { command: sandboxed(bubblewrap, place, names, translated), env: variables, ownProcesses: true };
    },
  };
}

/** Bubblewrap reads its options from a file: as arguments, every process inside could read them, with our directories. */
function sandboxed(
  { program }: Bubblewrap,
  place: ScriptPlace,
  names: readonly string[],
  command: readonly string[],
): readonly string[] {
  const file = join(place.work, "sandbox");
  writeFileSync(file, sandboxOptions(mountsOf(place, names), INSIDE.temporary).join("\0"), { mode: 0o600 });
  return [
    "/bin/sh",
    "-c",
    'file=$1; shift; exec "$@" 9< "$file"',
    "sh",
    file,
    program,
    "--args",
    "9",
    "--",
    ...command,
  ];
}

type Directories = Pick<ScriptPlace, "root" | "home" | "temporary" | "sources">;

/** What the directories are called in the sandbox: what a compiler writes down of them is the same each time. */
const INSIDE: Directories = {
  root: "/build/out",
  home: "/build/home",
  temporary: "/build/tmp",
  sources: "/build/inputs",
};

/** A function knows its directories by their names on the host, and puts these into its commands. */
function translate(text: string, place: Directories): string {
  return WRITABLE.reduce(
    (done, name) => done.replaceAll(place[name], INSIDE[name]),
    text.replaceAll(place.sources, INSIDE.sources),
  );
}

const WRITABLE = ["root", "home", "temporary"] as const;

function mountsOf(place: Directories, names: readonly string[]): readonly string[] {
  const etc = ETC_TREE.entries().flatMap(({ path }) => ["--ro-bind", join(place.sources, ETC, path), `/etc/${path}`]);
  const inputs = names.flatMap((name) => ["--ro-bind", join(place.sources, name), join(INSIDE.sources, name)]);
  return [...etc, ...inputs, ...WRITABLE.flatMap((name) => ["--bind", place[name], INSIDE[name]])];
}
