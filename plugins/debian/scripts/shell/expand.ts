/** Word expansion (POSIX 2.6): parameters, command substitution, arithmetic, field splitting, file names, quotes. */
import type { ParameterExpansionPart, ParameterOperation, ParsedScript, Word, WordPart } from "unbash";
import { displayBytes } from "../../../../core/index.ts";
import type { FileSystem } from "../file-system.ts";
import { evaluateArithmetic } from "./arithmetic.ts";
import { type Piece, expandNames, joinPieces, splitFields } from "./fields.ts";
import { parseArithmeticText } from "./parse.ts";
import { isPattern, matchEnd, negationOf, quotePattern } from "./pattern.ts";
import { NotCovered, type Shell, setVariable } from "./state.ts";

export interface Expansion {
  readonly shell: Shell;
  readonly files: FileSystem;
  /** Counts characters handled. */
  spend(units: number): void;
  /** The output of a script run in a subshell. */
  substitute(script: ParsedScript): string;
  /** The home directory of a user, for `~user`. */
  home(user: string): string | undefined;
}

const MAX_FIELDS = 20_000;
/** In bytes handled: of a field, and of a character of one, of an expression, and of a pattern that is made out. */
const FIELD_COST = 200;
const CHARACTER_COST = 2;
const ARITHMETIC_COST = 10;
const COMPILE_COST = 60;

/** A list of words as a command gets it. */
export function expandFields(words: readonly Word[], expansion: Expansion): string[] {
  const result: string[] = [];
  for (const word of words) {
    for (const field of splitFields(piecesOf(word, expansion), expansion.shell)) {
      expansion.spend(FIELD_COST + CHARACTER_COST * field.text.length);
      const names = expansion.shell.noglob || !isPattern(field.pattern) ? [] : expandNames(field.pattern, expansion);
      if (names.length > 0) result.push(...names);
      else result.push(field.text);
      checkFields(result);
    }
  }
  return result;
}

/** Throws `NotCovered` where a command has more arguments than it is given in one go. */
export function checkFields({ length }: readonly string[]): void {
  if (length > MAX_FIELDS) throw new NotCovered(`a command has more than ${MAX_FIELDS} arguments`);
}

/** One word as one text: assignments, redirections, `case`. */
export function expandText(word: Word, expansion: Expansion): string {
  const { text } = joinPieces(piecesOf(word, expansion));
  expansion.spend(CHARACTER_COST * text.length);
  return text;
}

/** One word as a pattern, its quoted characters literal. */
export function expandPattern(word: Word, expansion: Expansion): string {
  const { pattern } = joinPieces(piecesOf(word, expansion));
  expansion.spend(COMPILE_COST * pattern.length);
  return pattern;
}

/** A here-document's or an arithmetic text's parts: as inside double quotes. */
export function expandQuotedParts(parts: readonly WordPart[], expansion: Expansion): string {
  return joinPieces(parts.flatMap((part) => piecesOfPart(part, expansion, true))).text;
}

function fixed(text: string): Piece {
  return { kind: "fixed", text, pattern: quotePattern(text) };
}

function piecesOf(word: Word, expansion: Expansion): readonly Piece[] {
  const tilde = expandTilde(word, expansion);
  if (tilde !== undefined) return tilde;
  if (!word.parts) return word.text === "" ? [] : [fixed(word.value)];
  return word.parts.flatMap((part) => piecesOfPart(part, expansion, false));
}

/** A leading, unquoted `~` or `~user`; deeper ones (after `:` in assignments) are left to the shells. */
function expandTilde(word: Word, expansion: Expansion): readonly Piece[] | undefined {
  if (!word.text.startsWith("~")) return undefined;
  const prefix = /^~([A-Za-z0-9_.-]*)(\/|$)/.exec(word.text);
  if (!prefix || word.parts) throw new NotCovered(`the word ${displayBytes(word.text)} is not supported`);
  const home = prefix[1] === "" ? expansion.shell.variables.get("HOME") : expansion.home(prefix[1]!);
  if (home === undefined) return undefined;
  return [fixed(home + word.value.slice(prefix[1]!.length + 1))];
}

function piecesOfPart(part: WordPart, expansion: Expansion, quoted: boolean): readonly Piece[] {
  const result = (text: string): Piece => (quoted ? fixed(text) : { kind: "split", text });
  switch (part.type) {
    case "Literal":
      return [fixed(part.value)];
    case "SingleQuoted":
      return [fixed(part.value)];
    case "AnsiCQuoted":
      // dash does not know it: a dollar sign before a quoted text.
      return [fixed(expansion.shell.source.dialect === "sh" ? `$${part.text.slice(2, -1)}` : part.value)];
    case "DoubleQuoted": {
      const inner = part.parts.flatMap((child) => piecesOfPart(child, expansion, true));
      const isEmptyList = expansion.shell.parameters.length === 0 && isListAlone(part.text, expansion.shell);
      return isEmptyList ? [] : [fixed(""), ...inner];
    }
    case "Glob":
      return [globPiece(part, expansion)];
    case "SimpleExpansion":
      return parameterPieces(part.text.slice(1), expansion, quoted);
    case "ParameterExpansion":
      return expansionPieces(part, expansion, quoted);
    case "CommandExpansion":
      if (!part.script) throw new NotCovered(`the substitution ${displayBytes(part.text)} is not supported`);
      return [result(expansion.substitute(part.script).replace(/(?<!\n)\n+$/, ""))];
    case "ArithmeticExpansion":
      return [result(expandArithmetic(part.text, expansion))];
    case "BraceExpansion":
    case "ExtendedGlob":
      // dash knows neither: both are plain characters there.
      if (expansion.shell.source.dialect === "sh" && !/[$`"'\\*?[]/.test(part.text)) return [fixed(part.text)];
      throw new NotCovered(`the word ${displayBytes(part.text)} is not supported`);
    default:
      throw new NotCovered(`the word ${displayBytes(part.text)} is not supported`);
  }
}

/** Whether a quoted text is the list of parameters and nothing else. */
function isListAlone(text: string, { source }: Shell): boolean {
  return (source.dialect === "bash" ? /^"(\$@)+"$/ : /^"\$@"$/).test(text);
}

function globPiece(part: WordPart & { type: "Glob" }, expansion: Expansion): Piece {
  if (part.kind !== "bracket") return { kind: "fixed", text: part.value, pattern: part.value };
  const inner = part.parts.flatMap((child) => piecesOfPart(child, expansion, true));
  const body = joinPieces(inner).text;
  const plain = part.parts.every((child) => child.type === "Literal" && child.text === child.value);
  if (!plain && /[\]\\^!-]/.test(body)) throw new NotCovered(`the pattern ${displayBytes(part.text)} is not supported`);
  return { kind: "fixed", text: `[${body}]`, pattern: `[${body}]` };
}

function expandArithmetic(text: string, expansion: Expansion): string {
  const inner = /^\$\(\(([\s\S]*)\)\)$/.exec(text)?.[1];
  if (inner === undefined) throw new NotCovered(`the expression ${displayBytes(text)} is not supported`);
  const parts = parseArithmeticText(inner);
  const expanded = typeof parts === "string" ? parts : expandQuotedParts(parts, expansion);
  expansion.spend(ARITHMETIC_COST * (inner.length + expanded.length));
  return String(evaluateArithmetic(expanded, expansion.shell));
}

/** The value of a parameter that is one text; undefined where it is unset. */
export function parameterValue(name: string, shell: Shell): string | undefined {
  if (/^[0-9]+$/.test(name)) return name === "0" ? shell.name : shell.parameters[Number(name) - 1];
  switch (name) {
    case "#":
      return String(shell.parameters.length);
    case "?":
      return String(shell.status);
    case "$":
      // Process ids end in names of temporary files only; the same one each time keeps the result the same.
      return "1000";
    case "-":
    case "!":
      throw new NotCovered(`$${name} is not supported`);
    default:
      return shell.variables.get(name);
  }
}

function parameterPieces(name: string, expansion: Expansion, quoted: boolean): readonly Piece[] {
  const { shell } = expansion;
  if (name === "@" || name === "*") return listPieces(name, shell, quoted);
  const value = parameterValue(name, shell);
  if (value === undefined && shell.nounset) throw new NotCovered(`$${name} is not set, and set -u ends the script`);
  return [quoted ? fixed(value ?? "") : { kind: "split", text: value ?? "" }];
}

function listPieces(name: string, shell: Shell, quoted: boolean): readonly Piece[] {
  const separator = (shell.variables.get("IFS") ?? " ").slice(0, 1);
  if (quoted && name === "*") return [fixed(shell.parameters.join(separator))];
  return shell.parameters.flatMap((value, index): Piece[] => [
    ...(index > 0 ? [{ kind: "break" } as const] : []),
    quoted ? fixed(value) : { kind: "split", text: value },
  ]);
}

function expansionPieces(part: ParameterExpansionPart, expansion: Expansion, quoted: boolean): readonly Piece[] {
  const { shell } = expansion;
  const unsupported = () => new NotCovered(`the expansion ${displayBytes(part.text)} is not supported`);
  if (part.index || part.prefix === "!") throw unsupported();
  const name = part.parameter;
  const isList = name === "@" || name === "*";
  const wrap = (text: string): Piece => (quoted ? fixed(text) : { kind: "split", text });
  if (part.prefix === "#") {
    if (isList || part.operation) throw unsupported();
    return [wrap(String((parameterValue(name, shell) ?? "").length))];
  }
  const { operation } = part;
  if (!operation) return parameterPieces(name, expansion, quoted);
  if (operation.type === "Remove" && !isList) return [wrap(removePart(name, operation, expansion))];
  if (operation.type !== "Default") throw unsupported();

  const value = isList
    ? shell.parameters.length === 0
      ? undefined
      : shell.parameters.join(" ")
    : parameterValue(name, shell);
  const usable = value !== undefined && (value !== "" || !operation.operator.startsWith(":"));
  const operand = (): readonly Piece[] => {
    checkTilde(operation.operand);
    if (!quoted) return operandPieces(operation.operand, expansion);
    return [fixed(joinPieces(piecesOf(operation.operand, expansion)).text)];
  };
  switch (operation.operator.replace(":", "")) {
    case "-":
      return usable ? parameterPieces(name, expansion, quoted) : operand();
    case "+":
      return usable ? operand() : [];
    case "=": {
      if (usable) return parameterPieces(name, expansion, quoted);
      if (!/^[A-Za-z_]\w*$/.test(name)) throw unsupported();
      checkTilde(operation.operand);
      const text = joinPieces(piecesOf(operation.operand, expansion)).text;
      setVariable(shell, name, text);
      return [wrap(text)];
    }
    default:
      if (usable) return parameterPieces(name, expansion, quoted);
      throw new NotCovered(`${displayBytes(part.text)} ends the script, since $${name} is not set`);
  }
}

/** Unquoted text of an operand (`${x:+a b}`) is split like any expansion; what is quoted in it stays whole. */
function operandPieces(word: Word, expansion: Expansion): readonly Piece[] {
  if (!word.parts) return word.text === word.value ? [{ kind: "split", text: word.value }] : [fixed(word.value)];
  return word.parts.flatMap((part): readonly Piece[] =>
    part.type === "Literal" && part.text === part.value
      ? [{ kind: "split", text: part.value }]
      : piecesOfPart(part, expansion, false),
  );
}

/** A tilde in an operand is a home directory where the expansion is not quoted. */
function checkTilde(word: Word): void {
  if (word.text.startsWith("~")) throw new NotCovered(`the operand ${displayBytes(word.text)} is not supported`);
}

/** Of a character that is compared with one of a pattern, of which all places are followed. */
const PATTERN_COST = 8;

function removePart(name: string, operation: ParameterOperation & { type: "Remove" }, expansion: Expansion): string {
  const value = parameterValue(name, expansion.shell);
  if (value === undefined && expansion.shell.nounset)
    throw new NotCovered(`$${name} is not set, and set -u ends the script`);
  const text = value ?? "";
  const pattern = expandPattern(operation.operand, expansion);
  const end = operation.operator.startsWith("#") ? "prefix" : "suffix";
  expansion.spend(text.length * (isPattern(pattern) ? PATTERN_COST * pattern.length : 1));
  const length = matchEnd(pattern, text, end, operation.operator.length === 2, negationOf(expansion.shell));
  if (length === undefined) return text;
  return end === "prefix" ? text.slice(length) : text.slice(0, text.length - length);
}
