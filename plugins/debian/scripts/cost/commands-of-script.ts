/**
 * The simple commands that a script may come to on a first installation, without running it: both sides of every
 * condition, the functions that are called, and of `case "$1"` what this script is called with.
 */
import type {
  Assignment,
  CaseItem,
  Command,
  CompoundList,
  Function as FunctionNode,
  ParsedScript,
  Redirected,
} from "unbash";
import type { AndOr, CompoundCommand, PipelineNode, Statement, Word } from "unbash";
import { isStackEnd, NotCovered } from "../shell/state.ts";
import { type Constants, constantTexts } from "./constant-words.ts";

export interface PossibleCommand {
  readonly node: Command;
  readonly constants: Constants;
}

/** `action`: the script's first parameter. Throws `NotCovered` where functions call each other without end. */
export function possibleCommands(script: ParsedScript, text: string, action: string): readonly PossibleCommand[] {
  const functions = new Map<string, FunctionNode>();
  const called = new Set<string>();
  const assigned = new Map<string, Word[] | undefined>();
  const commands: Command[] = [];

  const list = ({ commands: statements }: CompoundList | ParsedScript) => statements.forEach(statement);
  const statement = ({ command }: Statement) => (command.type === "AndOr" ? andOr(command) : pipeline(command));
  const andOr = ({ commands: parts }: AndOr) => {
    for (const part of parts) {
      if (isForUpgrades(text.slice(part.pos, part.end))) return;
      pipeline(part);
    }
  };
  const pipeline = (node: PipelineNode) => (node.type === "Pipeline" ? node.commands.forEach(command) : command(node));
  const command = (node: Exclude<PipelineNode, { type: "Pipeline" }>) => {
    if (node.type === "Command") simple(node);
    else if (node.type === "Function") functions.set(node.name.value, node);
    else if (node.type !== "Coproc") compound(node);
  };
  const simple = (node: Command) => {
    commands.push(node);
    for (const part of node.prefix) if (part.type === "Assignment") assign(part);
    // `local` and `export` take assignments as words.
    for (const part of node.suffix) if (part.type === "Assignment") assign(part);
    const name = node.name?.value;
    const body = name === undefined || called.has(name) ? undefined : functions.get(name)?.body;
    if (name === undefined || body === undefined) return;
    called.add(name);
    if (body.type === "CompoundList") list(body);
    else compound(body);
  };
  const assign = ({ name, value, append }: Assignment) => {
    const isKnown = value.type === "Word" && !append && !assigned.has(name);
    assigned.set(name, isKnown ? [value] : undefined);
  };
  const compound = (node: CompoundCommand | Redirected) => {
    switch (node.type) {
      case "Redirected":
        return compound(node.command);
      case "If":
        return condition([node, ...node.elif], node.else);
      case "For":
        assigned.set(node.name.value, assigned.has(node.name.value) ? undefined : [...(node.wordlist ?? [])]);
        return list(node.body);
      case "While":
        list(node.clause);
        return list(node.body);
      case "Case":
        return itemsFor(node.word.text, node.items, action).forEach(({ body }) => list(body));
      case "Subshell":
      case "BraceGroup":
        return list(node.body);
      default:
        return;
    }
  };
  const condition = (branches: readonly { clause: CompoundList; then: CompoundList }[], last?: CompoundList) => {
    for (const { clause, then } of branches) {
      list(clause);
      if (!isForUpgrades(text.slice(clause.pos, clause.end))) list(then);
    }
    if (last) list(last);
  };

  try {
    list(script);
  } catch (error) {
    if (!isStackEnd(error)) throw error;
    throw new NotCovered("functions call each other too deep");
  }
  const constants = constantsOf(assigned);
  return commands.map((node) => ({ node, constants }));
}

/** Conditions that no first installation meets: there is no earlier version. */
function isForUpgrades(condition: string): boolean {
  return (
    /(-n|!= "" -a) "?\$\{?2\b/.test(condition) ||
    /--compare-versions\s+"?\$\{?2\S*\s+(lt-nl|le-nl|g[te]|eq)\b/.test(condition)
  );
}

/** All items, but where it is the script's action that decides. */
function itemsFor(word: string, items: readonly CaseItem[], action: string): readonly CaseItem[] {
  if (!/^"?\$\{?1\}?"?$/.test(word)) return items;
  const chosen = items.find(({ pattern }) => pattern.some(({ value }) => value === action || value === "*"));
  return chosen === undefined ? [] : [chosen];
}

function constantsOf(assigned: ReadonlyMap<string, readonly Word[] | undefined>): Constants {
  const constants = new Map<string, readonly string[]>();
  for (const [name, words] of assigned) {
    // In order: a variable may hold what one before it holds.
    // Lists in variables are not quoted where a loop goes through them.
    const texts = (words ?? []).map((word) => constantTexts(word, constants).flatMap((text) => fieldsOf(word, text)));
    if (texts.length > 0 && texts.every((each) => each.length > 0)) constants.set(name, texts.flat());
  }
  return constants;
}

function fieldsOf(word: Word, text: string): readonly string[] {
  return word.text.startsWith("$") ? text.split(/\s+/).filter((field) => field !== "") : [text];
}
