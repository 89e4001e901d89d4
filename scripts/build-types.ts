/**
 * Makes tsc's declarations fit for users: only those that the exports lead to stay, relative imports name the file that
 * is there, and what they import from npm is a dependency that users get.
 */
import { globSync } from "tinyglobby";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import ts from "typescript";

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
}

/** Works on the declarations below `out`. Throws on an import that a user's program could not resolve. */
export function finishDeclarations(project: string, out: string): void {
  const manifest = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as Manifest;
  const dependencies = new Set(Object.keys(manifest.dependencies));
  const all = globSync("**/*.d.ts", { cwd: out });
  const waiting = all.filter((path) => isExported(path, manifest));
  const kept = new Set(waiting);
  const missing: string[] = [];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const { targets, packages } = finishFile(out, path);
    for (const name of packages) if (!dependencies.has(name)) missing.push(`${path} needs "${name}"`);
    for (const next of targets) {
      if (!kept.has(next)) waiting.push(next);
      kept.add(next);
    }
  }
  if (missing.length > 0) {
    throw new Error(`Users could not resolve these types, no dependency has them: ${missing.sort().join(", ")}`);
  }
  for (const path of all) if (!kept.has(path)) rmSync(join(out, path));
}

function isExported(path: string, manifest: Manifest): boolean {
  return Object.values(manifest.exports).some((entry) => {
    if (typeof entry === "string") return false;
    const [start = "", end] = entry.types.replace("./dist/types/", "").split("*");
    return end === undefined ? path === start : path.startsWith(start) && path.endsWith(end);
  });
}

interface Leads {
  /** The declarations that relative imports lead to. */
  readonly targets: readonly string[];
  /** The npm packages imported. */
  readonly packages: readonly string[];
}

/** Rewrites one file's relative imports and tells where its imports lead. */
function finishFile(out: string, path: string): Leads {
  const text = readFileSync(join(out, path), "utf8");
  let result = text;
  const targets: string[] = [];
  const packages: string[] = [];
  // From the end, so that earlier positions stay true.
  for (const specifier of findSpecifiers(path, text).reverse()) {
    if (!specifier.text.startsWith(".")) {
      if (!specifier.text.startsWith("node:")) packages.push(packageOf(specifier.text));
      continue;
    }
    const target = specifier.text.replace(/\.ts$/, "");
    targets.push(posix.join(posix.dirname(path), `${target}.d.ts`));
    result = `${result.slice(0, specifier.getStart() + 1)}${target}.js${result.slice(specifier.end - 1)}`;
  }
  if (result !== text) writeFileSync(join(out, path), result);
  return { targets, packages };
}

function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}

/** The string literals of every `from "…"` and `import("…")`, in the order of the text. */
function findSpecifiers(path: string, text: string): ts.StringLiteral[] {
  const found: ts.StringLiteral[] = [];
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
      if (ts.isStringLiteral(node.moduleSpecifier)) found.push(node.moduleSpecifier);
    }
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
      found.push(node.argument.literal);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  return found;
}
