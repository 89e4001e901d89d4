/** What a package's maintainer scripts name as theirs to make. */
import type { FileTree } from "../../../../core/index.ts";
import { controlText } from "../control-member.ts";
import { dialectOf, parseScript } from "../shell/parse.ts";
import { NotCovered } from "../shell/state.ts";
import type { ScriptPackage } from "../world.ts";
import { possibleCommands, type PossibleCommand } from "./commands-of-script.ts";
import { constantTexts } from "./constant-words.ts";
import { namedByCommand } from "./named-by-command.ts";
import { isPlainPath } from "./script-path.ts";
import { namedInConfiguration } from "./systemd-configuration.ts";
import { KINDS, type Named } from "./things.ts";

/** What both scripts name on a first installation, each thing once and sorted. Nothing of a script that is no shell's. */
export function namedByScripts(subject: ScriptPackage, tree: FileTree): Named {
  const found = Object.fromEntries(KINDS.map((kind) => [kind, new Set<string>()])) as Record<keyof Named, Set<string>>;
  const add = (named: Partial<Named>) => {
    for (const kind of KINDS) for (const each of named[kind] ?? []) found[kind].add(each);
  };
  const removed = new Set<string>();
  for (const [script, action] of [
    ["preinst", "install"],
    ["postinst", "configure"],
  ] as const) {
    for (const command of commandsOf(subject, script, action)) {
      for (const words of wordLists(command)) {
        add(namedByCommand(words, tree));
        add(namedInConfiguration(words, tree));
        for (const path of takenAway(words)) removed.add(path);
      }
      add({ files: redirectedTo(command) });
    }
  }
  const names = (kind: keyof Named) => [...found[kind]].filter((each) => /^[a-z_][-\w.]*$/i.test(each)).sort();
  const paths = (kind: keyof Named) =>
    [...found[kind]].filter((each) => isPlainPath(each) && !removed.has(each) && !isPassing(each)).sort();
  return {
    users: names("users"),
    groups: names("groups"),
    directories: paths("directories"),
    links: paths("links"),
    files: paths("files"),
  };
}

function commandsOf(subject: ScriptPackage, script: string, action: string): readonly PossibleCommand[] {
  const text = controlText(subject, script);
  const dialect = text === undefined ? undefined : dialectOf(text);
  if (text === undefined || dialect === undefined) return [];
  try {
    return possibleCommands(parseScript({ name: script, text, dialect }), text, action);
  } catch (error) {
    if (error instanceof NotCovered) return [];
    throw error;
  }
}

/** One list where each word has one text; one for each text of a word that has several. */
function wordLists({ node, constants }: PossibleCommand): readonly (readonly string[])[] {
  if (node.name === undefined) return [];
  const words = [node.name, ...node.suffix.flatMap((part) => (part.type === "Word" ? [part] : []))];
  const texts = words.map((word) => constantTexts(word, constants));
  const lists = texts.reduce((most, { length }) => Math.max(most, length), 0);
  // A word that is not known may be an option as well as a name: it is passed over.
  return Array.from({ length: lists }, (_, index) =>
    texts.flatMap((each) => (each.length === 0 ? [] : [each[Math.min(index, each.length - 1)]!])),
  );
}

/** What is made for a while only, or moved to its place. */
function takenAway([name = "", ...operands]: readonly string[]): readonly string[] {
  if (name === "mv") return operands.slice(0, -1);
  return name === "rm" || name === "rmdir" ? operands : [];
}

function redirectedTo({ node, constants }: PossibleCommand): readonly string[] {
  return node.redirects.flatMap((each) =>
    each.type === "Redirect" && /^(>|>>|>\||&>|&>>)$/.test(each.operator) && each.target !== undefined
      ? constantTexts(each.target, constants)
      : [],
  );
}

/** Not of the image: what a container mounts, what a start makes, what dpkg renames. */
function isPassing(path: string): boolean {
  return (
    /^\/(dev|proc|sys|run|tmp|var\/run|var\/tmp|var\/lock|var\/lib\/dpkg)(\/|$)/.test(path) ||
    /\.(dpkg|ucf)-[a-z]+$/.test(path)
  );
}
