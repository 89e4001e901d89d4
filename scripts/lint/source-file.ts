/** A source file as the structural lint sees it: its path, its syntax tree and what it imports. */
import { posix } from "node:path";
import ts from "typescript";

export interface SourceFile {
  /** From the project's folder, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
  readonly imports: readonly Import[];
}

export interface Import {
  readonly specifier: string;
  /** The imported file's path from the project's folder; undefined for packages and Node's own modules. */
  readonly target: string | undefined;
  readonly kind: "value" | "type" | "dynamic";
  /** The imported names, also those taken at once from an awaited import(); empty for side effects and namespaces. */
  readonly names: readonly string[];
  readonly line: number;
}

export interface Problem {
  readonly path: string;
  readonly line: number;
  /** What is wrong, and after a colon or semicolon how to mend it. */
  readonly message: string;
}

export function parseSource(path: string, text: string): SourceFile {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  return { path, text, tree, imports: findImports(path, tree) };
}

export function problemAt(file: SourceFile, node: ts.Node, message: string): Problem {
  return { path: file.path, line: lineOf(file.tree, node), message };
}

/** Calls `visit` for every node of the file, parents first. */
export function visitNodes(file: SourceFile, visit: (node: ts.Node) => void): void {
  const walk = (node: ts.Node): void => {
    visit(node);
    ts.forEachChild(node, walk);
  };
  walk(file.tree);
}

function findImports(path: string, tree: ts.SourceFile): readonly Import[] {
  const found: Import[] = [];
  const add = (node: ts.Node, literal: ts.Node | undefined, kind: Import["kind"], names: readonly string[] = []) => {
    if (literal === undefined || !ts.isStringLiteral(literal)) return;
    const specifier = literal.text;
    const target = specifier.startsWith(".") ? posix.join(posix.dirname(path), specifier) : undefined;
    found.push({ specifier, target, kind, names, line: lineOf(tree, node) });
  };
  const walk = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const clause = node.importClause;
      add(node, node.moduleSpecifier, clause?.isTypeOnly === true ? "type" : "value", namesOf(clause));
    } else if (ts.isExportDeclaration(node)) {
      add(node, node.moduleSpecifier, node.isTypeOnly ? "type" : "value");
    } else if (ts.isImportTypeNode(node)) {
      add(node, ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, "type");
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, node.arguments[0], "dynamic", namesTaken(node));
    }
    ts.forEachChild(node, walk);
  };
  walk(tree);
  return found;
}

function namesOf(clause: ts.ImportClause | undefined): readonly string[] {
  const bindings = clause?.namedBindings;
  if (bindings === undefined || !ts.isNamedImports(bindings)) return [];
  return bindings.elements.map((element) => (element.propertyName ?? element.name).text);
}

/** The names of `const { a } = await import(…)` and of `(await import(…)).a`. */
function namesTaken(call: ts.CallExpression): readonly string[] {
  let value: ts.Node = call.parent;
  while (ts.isAwaitExpression(value) || ts.isParenthesizedExpression(value)) value = value.parent;
  if (ts.isPropertyAccessExpression(value)) return [value.name.text];
  if (!ts.isVariableDeclaration(value) || !ts.isObjectBindingPattern(value.name)) return [];
  return value.name.elements.map((element) => (element.propertyName ?? element.name).getText());
}

function lineOf(tree: ts.SourceFile, node: ts.Node): number {
  return tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
}
