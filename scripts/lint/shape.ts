/** A file's shape: one subject that its name and first comment state, at most 300 lines, nothing untyped. */
import { posix } from "node:path";
import ts from "typescript";
import { type Problem, type SourceFile, problemAt, visitNodes } from "./source-file.ts";

const MOST_LINES = 300;
const EMPTY_NAMES = /^(utils?|helpers?|misc|common|shared|stuff|lib|tools?|functions|constants)$/;
const KEBAB_CASE = /^_?[a-z0-9]+(-[a-z0-9]+)*$/;

export function checkShape(file: SourceFile): readonly Problem[] {
  return [...checkName(file), ...checkLength(file), ...checkTyping(file)];
}

function checkName(file: SourceFile): readonly Problem[] {
  const names = file.path.split("/").map((part) => part.split(".")[0] ?? "");
  return names.flatMap((name) => {
    if (EMPTY_NAMES.test(name)) return [atTop(file, `"${name}" names no subject; name it after what is in it`)];
    return KEBAB_CASE.test(name) ? [] : [atTop(file, `"${name}" is not kebab-case`)];
  });
}

function checkLength(file: SourceFile): readonly Problem[] {
  // Tests read top to bottom as a list, and templates are the user's.
  if (/^(test|templates)\//.test(file.path)) return [];
  const comment = firstComment(file.text);
  if (comment === undefined) {
    return [atTop(file, `${posix.basename(file.path)} has no first comment; say what the file is for`)];
  }
  const lines = file.text.trimEnd().split("\n").length;
  if (lines <= MOST_LINES || comment.startsWith("Long because ")) return [];
  return [
    atTop(file, `${lines} lines, more than ${MOST_LINES}; give each subject a file, or begin with "Long because …"`),
  ];
}

function checkTyping(file: SourceFile): readonly Problem[] {
  const problems: Problem[] = [];
  visitNodes(file, (node) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) {
      problems.push(problemAt(file, node, "any switches checking off; use unknown and check, or name the type"));
    }
  });
  const texts = literalLines(file);
  file.text.split("\n").forEach((text, index) => {
    const [, directive] = /^\s*(?:\/\/|\/\*)\s*@(ts-(?:ignore|nocheck|expect-error))/.exec(text) ?? [];
    if (directive === undefined || texts.has(index)) return;
    // A test of types states the errors it wants.
    if (directive === "ts-expect-error" && file.path.startsWith("test/types/")) return;
    problems.push({ path: file.path, line: index + 1, message: `@${directive} hides an error; mend the types` });
  });
  return problems;
}

/** The lines, from 0, that begin inside a literal of several lines: what looks like a comment there is text. */
function literalLines(file: SourceFile): ReadonlySet<number> {
  const lines = new Set<number>();
  visitNodes(file, (node) => {
    if (!ts.isTemplateLiteralToken(node)) return;
    const first = file.tree.getLineAndCharacterOfPosition(node.getStart(file.tree)).line;
    const last = file.tree.getLineAndCharacterOfPosition(node.getEnd()).line;
    for (let line = first + 1; line <= last; line++) lines.add(line);
  });
  return lines;
}

/** The text of the comment a file begins with, after a `#!` line. */
function firstComment(text: string): string | undefined {
  const start = text.replace(/^#!.*\n/, "");
  const [, block, line] = /^\s*(?:\/\*+\s*(?:\*\s*)?([\s\S]*?)\*\/|\/\/\s*(.*))/.exec(start) ?? [];
  return (block ?? line)?.trim();
}

function atTop(file: SourceFile, message: string): Problem {
  return { path: file.path, line: 1, message };
}
