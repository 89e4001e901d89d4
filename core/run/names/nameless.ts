/**
 * Scripts that surely look up no user and no group, by their text: they may run where nothing keeps names to the
 * image's. Whatever is not known here counts as looking up.
 */
import { HOST_FILE } from "./name-files.ts";
import type { ShellCommand, ShellText } from "../shell-words.ts";

/** Builtins of bash and programs that take no names and start nothing else, whatever their arguments. */
const NAMELESS = new Set(
  `: [ [[ basename break cat cd chmod cmp comm continue cp cut date declare diff dirname echo exit export expr false
   grep head local ln mkdir mkfifo mknod mktemp mv nl od paste printf pwd readlink realpath return rm rmdir seq set
   sha256sum shift sleep tac tail tee test touch tr true truncate umask uniq unset wc`.split(/\s+/),
);

/** What changes who is meant by a command or a word: a home directory, another PATH, prompts that tell the user. */
const MEANINGS = /~|\b(?:PATH|SHELL|BASH_ENV|PS\d|alias)\b|@P\}/;

const NUMBERS = /^\+?\d+(?::\+?\d+)?$/;

/** The first thing of a text that may look up a name; undefined where nothing does. */
export function firstNameUse({ text, commands, isUnderstood }: ShellText): string | undefined {
  if (!isUnderstood) return "something of the shell's that is not understood";
  const [meaning] = HOST_FILE.exec(text) ?? MEANINGS.exec(text) ?? [];
  if (meaning !== undefined) return `"${meaning}"`;
  const found = commands.find((command) => !isNameless(command));
  return found && `"${found.name}"`;
}

function isNameless({ name, words }: ShellCommand): boolean {
  if (NAMELESS.has(name)) return true;
  // A word that the shell has yet to expand could become an option.
  if (name === "install") return words.every((word) => !/^[$`]|^-\w*[og]|^--[ogs]/.test(word));
  if (name !== "chown" && name !== "chgrp") return false;
  const owner = words.find((word) => !word.startsWith("-"));
  return owner !== undefined && NUMBERS.test(owner) && words.every((word) => !/^[$`]|^--[fr]/.test(word));
}
