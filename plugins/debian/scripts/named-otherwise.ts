/** Whether a script may make a command: it names it, and not only to run it or to ask whether it is there. */
import type { Word } from "unbash";
import { controlText } from "./control-member.ts";
import { possibleCommands } from "./cost/commands-of-script.ts";
import { dialectOf, parseScript } from "./shell/parse.ts";
import { NotCovered } from "./shell/state.ts";
import type { ScriptPackage } from "./world.ts";

const SCRIPTS = [
  ["preinst", "install"],
  ["postinst", "configure"],
] as const;
const ASKING = new Set(["command", "which", "type", "hash"]);

export function mayMakeCommand(subject: ScriptPackage, name: string): boolean {
  return SCRIPTS.some(([script, action]) => {
    const text = controlText(subject, script) ?? "";
    return text.includes(name) && withoutUses(text, script, action, name).includes(name);
  });
}

/** Of all that `mayMakeCommand` looks through. */
export function scriptsLength(subject: ScriptPackage): number {
  return SCRIPTS.reduce((sum, [script]) => sum + (subject.control.get(script)?.length ?? 0), 0);
}

/** The text with blanks in the place of comments and of the name where it is run or asked for. */
function withoutUses(text: string, script: string, action: string, name: string): string {
  const dialect = dialectOf(text);
  if (dialect === undefined) return text;
  const uses: Word[] = [];
  try {
    for (const { node } of possibleCommands(parseScript({ name: script, text, dialect }), text, action)) {
      const operands = node.suffix.flatMap((part) => (part.type === "Word" ? [part] : []));
      if (node.name && isName(node.name, name)) uses.push(node.name);
      const isAsking = ASKING.has(node.name?.value ?? "");
      const isTest = /^(\[|test)$/.test(node.name?.value ?? "");
      for (const [index, word] of operands.entries()) {
        const isAsked = isAsking || (isTest && /^-[xefs]$/.test(operands[index - 1]?.value ?? ""));
        if (isAsked && isName(word, name)) uses.push(word);
      }
    }
  } catch (error) {
    if (error instanceof NotCovered) return text;
    throw error;
  }
  const blank = (from: string) => " ".repeat(from.length);
  const kept: string[] = [];
  let end = 0;
  for (const use of uses.sort((a, b) => a.pos - b.pos)) {
    kept.push(text.slice(end, use.pos), blank(text.slice(use.pos, use.end)));
    end = use.end;
  }
  const shown = kept.join("") + text.slice(end);
  return shown.replaceAll(/^[ \t]*#.*$/gm, blank);
}

function isName({ value }: Word, name: string): boolean {
  return value.slice(value.lastIndexOf("/") + 1) === name;
}
