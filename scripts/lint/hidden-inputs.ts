/**
 * Hidden inputs: clock, environment, chance, locale, host. One of them in the wrong room reaches a digest sooner or
 * later. Also the two doors to the outside, child processes and sockets, and compressors whose bytes differ by runtime.
 */
import ts from "typescript";
import { type Problem, type SourceFile, problemAt, visitNodes } from "./source-file.ts";

/** Where hidden inputs may be read. The command line is where a person's terminal and folder come in. */
const HOST_ROOMS = ["core/host.ts", "core/cli/", "plugins/cli.ts"];
const CHILD_ROOMS = ["core/process/"];
const NETWORK_ROOMS = ["core/http/", "core/process/socket-folder.ts"];

const PROCESS_INPUTS = new Set(
  "argv arch cwd cpuUsage env getegid geteuid getgid getuid hrtime memoryUsage pid platform ppid umask uptime version versions".split(
    " ",
  ),
);
/** Members that read the host, by the object they are read from. */
const INPUTS_OF: Readonly<Record<string, ReadonlySet<string>>> = {
  process: PROCESS_INPUTS,
  Date: new Set(["now"]),
  Math: new Set(["random"]),
  performance: new Set(["now", "timeOrigin"]),
  crypto: new Set(["randomUUID", "getRandomValues"]),
};
const LOCALE_METHODS = /^(localeCompare|toLocale\w*)$/;
const RANDOM_NAMES = new Set(["randomBytes", "randomFillSync", "randomInt", "randomUUID"]);
const NETWORK_MODULES = /^(node:)?(net|tls|dgram|dns|dns\/promises|http|https|http2)$/;
const COMPRESSORS = /^(create)?(gzip|deflate|brotliCompress|zstdCompress)/i;
const MEND = "take it from core/host.ts or from what the caller gives";

export function checkHiddenInputs(file: SourceFile): readonly Problem[] {
  if (!/^(core|plugins)\//.test(file.path)) return [];
  const problems = checkDoors(file);
  if (!isIn(file.path, HOST_ROOMS)) problems.push(...checkHost(file));
  return problems;
}

function checkDoors(file: SourceFile): Problem[] {
  const problems: Problem[] = [];
  for (const { specifier, names, kind, line } of file.imports) {
    if (kind === "type") continue;
    const report = (message: string) => problems.push({ path: file.path, line, message });
    if (/^(node:)?child_process$/.test(specifier) && !isIn(file.path, CHILD_ROOMS)) {
      report("Child processes are started in core/process only");
    }
    if (NETWORK_MODULES.test(specifier) && !isIn(file.path, NETWORK_ROOMS)) {
      report(`"${specifier}" opens sockets; only core/http does, and core/process/socket-folder.ts`);
    }
    if (/^(node:)?zlib$/.test(specifier)) {
      const bad = names.length === 0 ? ["the whole module"] : names.filter((name) => COMPRESSORS.test(name));
      if (bad.length > 0) {
        report(`${bad.join(", ")} of node:zlib: its output differs between runtimes; compress with core/compress`);
      }
    }
  }
  if (!isIn(file.path, NETWORK_ROOMS)) {
    visitNodes(file, (node) => {
      if (isGlobal(node, "fetch") || isGlobal(node, "WebSocket")) {
        problems.push(problemAt(file, node, `${node.getText()} opens sockets; only core/http does`));
      }
    });
  }
  return problems;
}

function checkHost(file: SourceFile): Problem[] {
  const problems: Problem[] = [];
  for (const { specifier, names, kind, line } of file.imports) {
    if (kind === "type") continue;
    const whole = /^(node:)?(os|process|perf_hooks)$/.test(specifier);
    const random = /^(node:)?crypto$/.test(specifier) ? names.filter((name) => RANDOM_NAMES.has(name)) : [];
    if (whole) problems.push({ path: file.path, line, message: `"${specifier}" tells of the host; ${MEND}` });
    for (const name of random) problems.push({ path: file.path, line, message: `${name} is chance; ${MEND}` });
  }
  visitNodes(file, (node) => {
    const what = hiddenInput(node);
    // Who starts processes has to tell its own from the others.
    if (what === "process.pid" && isIn(file.path, [...CHILD_ROOMS, "core/run/"])) return;
    if (what !== undefined) problems.push(problemAt(file, node, `${what} is a hidden input; ${MEND}`));
  });
  return problems;
}

function hiddenInput(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) {
    const member = node.name.text;
    if (LOCALE_METHODS.test(member)) return `.${member}()`;
    const object = globalName(node.expression);
    return object !== undefined && INPUTS_OF[object]?.has(member) === true ? `${object}.${member}` : undefined;
  }
  if (ts.isNewExpression(node) && isGlobal(node.expression, "Date") && (node.arguments?.length ?? 0) === 0) {
    return "new Date() without a time";
  }
  if (ts.isCallExpression(node) && isGlobal(node.expression, "Date")) return "Date()";
  if (isGlobal(node, "Intl")) return "Intl";
  // `const { env } = process` and the like would pass the checks above.
  if (isGlobal(node, "process") && !ts.isPropertyAccessExpression(node.parent)) return "process as a whole";
  return undefined;
}

/** `process`, or `globalThis.process`. */
function globalName(node: ts.Expression): string | undefined {
  if (ts.isIdentifier(node)) return node.text;
  if (!ts.isPropertyAccessExpression(node) || node.expression.getText() !== "globalThis") return undefined;
  return node.name.text;
}

/** Whether a node is this name used as a value: not a property's name, a type, or a declaration of that name. */
function isGlobal(node: ts.Node, name: string): boolean {
  if (!ts.isIdentifier(node) || node.text !== name) return false;
  return isValueUse(node) && !isDeclaredIn(node, name);
}

function isValueUse(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (ts.isTypeNode(parent) || ts.isTypeQueryNode(parent) || ts.isQualifiedName(parent)) return false;
  return !("name" in parent && parent.name === node);
}

/** Whether the file itself declares the name at some place around the node, so that it is no global there. */
function isDeclaredIn(node: ts.Node, name: string): boolean {
  for (let scope: ts.Node | undefined = node; scope !== undefined; scope = scope.parent) {
    // TypeScript's binder does not run on a file alone: parameters, functions and imports are looked at by hand.
    const parameters = ts.isFunctionLike(scope) ? scope.parameters : [];
    if (parameters.some((parameter) => namesIn(parameter.name).includes(name))) return true;
    const statements = ts.isSourceFile(scope) || ts.isBlock(scope) ? scope.statements : [];
    if (statements.some((statement) => declaredNames(statement).includes(name))) return true;
  }
  return false;
}

function declaredNames(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap((declaration) => namesIn(declaration.name));
  }
  if (ts.isFunctionDeclaration(statement)) return statement.name === undefined ? [] : [statement.name.text];
  if (!ts.isImportDeclaration(statement)) return [];
  const bindings = statement.importClause?.namedBindings;
  if (bindings === undefined || !ts.isNamedImports(bindings)) return [];
  return bindings.elements.map((element) => element.name.text);
}

function namesIn(name: ts.BindingName): readonly string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : namesIn(element.name)));
}

function isIn(path: string, rooms: readonly string[]): boolean {
  return rooms.some((room) => path === room || (room.endsWith("/") && path.startsWith(room)));
}
