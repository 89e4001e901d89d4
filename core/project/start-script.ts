/** A script that does nothing but start a runtime: `NODE_ENV=production node --flag server.js`, `cross-env A=1 node .`, `deno run -A main.ts`. */
import type { Launcher, ValueKind } from "./launchers.ts";

/** What a start script, or the preset's options, say of how the app is started. */
export interface StartCommand {
  /** Variables that are set before it. */
  readonly env: Readonly<Record<string, string>>;
  /** The runtime, and what it is asked to do. */
  readonly command: readonly string[];
  /** The runtime's own options, before the program. */
  readonly flags: readonly string[];
  /** The program, as it is written there. */
  readonly entry: string;
  /** What the program is handed. */
  readonly args: readonly string[];
}

/** An option of the runtime that has a value. */
export interface ValuedFlag {
  /** With its dashes. */
  readonly name: string;
  /** As it is written. */
  readonly value: string;
  /** What the value is to the runtime. */
  readonly kind: ValueKind;
}

/** Of characters: for each of them a regular expression keeps a state. */
const LONGEST = 64 * 1024;
const ASSIGNMENT = /^[A-Za-z_]\w*=/;
/** Programs that set the variables behind their name and start the rest, in any shell. */
const SETTERS = new Set(["cross-env", "env"]);

/** What only a shell understands. */
const SHELL = /[`$;&|<>(){}*?!~#\n\\]/;

/** Undefined for anything that a shell, or another program, would have to make something of. */
export function parseStartScript(script: string, launcher: Launcher): StartCommand | undefined {
  const words = wordsOf(script);
  if (words === undefined) return undefined;
  const start = words.findIndex((word) => !ASSIGNMENT.test(word) && !SETTERS.has(word));
  const spelled = launcher.commands.filter((command) => command.every((word, i) => words[start + i] === word));
  const command = spelled.toSorted((a, b) => b.length - a.length)[0];
  if (start < 0 || command === undefined) return undefined;
  const first = start + command.length;
  let at = first;
  while (words[at]?.startsWith("-")) at += launcher.withValue.has(words[at]!) ? 2 : 1;
  const flags = words.slice(first, at);
  const entry = words[at];
  if (entry === undefined || flags.some((flag) => launcher.otherUse.has(flag.split("=")[0]!))) return undefined;
  const set = words.slice(0, start).filter((word) => ASSIGNMENT.test(word));
  const env = Object.fromEntries(set.map((word) => word.split(/=(.*)/s).slice(0, 2)));
  return { env: env as Record<string, string>, command, flags, entry, args: words.slice(at + 1) };
}

/** Those of the options that have a value which the runtime knows. */
export function valuedFlags(flags: readonly string[], { withValue }: Launcher): readonly ValuedFlag[] {
  return flags.flatMap((flag, index) => {
    const [name = "", value = flags[index + 1]] = flag.split(/=(.*)/s);
    const kind = withValue.get(name);
    return kind !== undefined && value !== undefined ? [{ name, value, kind }] : [];
  });
}

/** A file of variables that comes into no image: whoever starts the container sets them. */
export function isEnvFile(path: string): boolean {
  return path.split("/").some((part) => part.startsWith(".env"));
}

/** As a shell parts them, in quotes of either kind; undefined where it would do more. */
function wordsOf(script: string): readonly string[] | undefined {
  if (script.length > LONGEST || SHELL.test(script)) return undefined;
  const words: string[] = [];
  for (const [whole] of script.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+|["']/g)) {
    if (whole === '"' || whole === "'") return undefined;
    words.push(whole.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"));
  }
  return words;
}
