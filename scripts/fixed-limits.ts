/** Limits that nobody raises, for docs/limits.md: which constant of the sources each is, what it is of, and what happens beyond it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { sizeOf } from "../core/limits/limits.ts";

const PROJECT = join(import.meta.dirname, "..");
const REFUSED = "refused";
const LEFT_OUT = "not worked out";
const SCRIPTS = "plugins/debian/scripts";

type Row = readonly [path: string, constant: string, unit: string, where: string, then: string];

const ROWS: readonly Row[] = [
  ["core/model/path.ts", "MAX_PATH", "bytes", "a path, as Linux takes it", REFUSED],
  ["core/model/path.ts", "MAX_NAME", "bytes", "a name in a path", REFUSED],
  ["core/tree/file-tree.ts", "MAX_TARGET", "bytes", "what a symbolic link leads to", REFUSED],
  ["core/tree/resolve.ts", "MAX_LINKS", "links", "one path, followed as Linux does", REFUSED],
  ["core/tree/automaton.ts", "MOST_STEPS", "characters", "a pattern of paths", REFUSED],
  ["core/format/passwd.ts", "MAX_TEXT", "bytes", "passwd, group and their like in an image", REFUSED],
  ["core/format/passwd.ts", "MAX_LINES", "lines", "the same", REFUSED],
  ["core/format/elf/header.ts", "SEGMENT_LIMIT", "segments", "a program or library", REFUSED],
  ["core/format/elf/dynamic.ts", "NEEDED_LIMIT", "libraries", "what one needs", REFUSED],
  ["core/format/elf/dynamic.ts", "STRINGS_LIMIT", "bytes", "their names together", REFUSED],
  [
    "core/format/ld-so-cache.ts",
    "TEXT_LIMIT",
    "bytes",
    "a name in `ld.so.cache`",
    "that cache counts for nothing, and is told",
  ],
  [
    "plugins/ldconfig/configuration.ts",
    "SIZE_LIMIT",
    "bytes",
    "`ld.so.conf`, and what it includes",
    "passed over, and told",
  ],
  ["plugins/ldconfig/configuration.ts", "DIRECTORY_LIMIT", "folders", "all that they name", "passed over, and told"],
  [
    "plugins/ldconfig/configuration.ts",
    "WORK_LIMIT",
    "names",
    "all that is gone through for their patterns",
    "passed over, and told",
  ],
  ["core/http/redirect.ts", "MAX_REDIRECTS", "redirections", "one answer of a server", REFUSED],
  [
    "plugins/registry/authorization/credentials/credential-helper.ts",
    "MAX_ANSWER",
    "bytes",
    "what a credential helper says",
    REFUSED,
  ],
  ["plugins/registry/referrers/list-referrers.ts", "MAX_PAGES", "pages", "a registry's list of referrers", REFUSED],
  ["plugins/registry/cache/open-cache.ts", "MAX_ENTRY", "bytes", "an entry of a shared cache", "it is a miss"],
  ["plugins/debian/resolve/version.ts", "LONGEST", "characters", "a version of a package", REFUSED],
  ["plugins/debian/resolve/dependency.ts", "LONGEST_FIELD", "characters", "a field with dependencies", REFUSED],
  [
    "plugins/npm/git/publish-rules.ts",
    "MOST_STEPS",
    "steps",
    "rules of what is published of a package from git, for all its files",
    REFUSED,
  ],
  ["plugins/nix/derivation.ts", "MAX_DEPTH", "levels", "a derivation", REFUSED],
  ["core/run/script-body.ts", "TEXT_LIMIT", "bytes", "a script that is a text", REFUSED],
  [`${SCRIPTS}/shell/parse.ts`, "MAX_SCRIPT", "bytes", "a maintainer script", LEFT_OUT],
  [`${SCRIPTS}/shell/parse.ts`, "MAX_HERE_DOCUMENTS", "here-documents", "the same", LEFT_OUT],
  [`${SCRIPTS}/account-of-work.ts`, "MAX_STEPS", "commands", "a run of one", LEFT_OUT],
  [
    `${SCRIPTS}/account-of-work.ts`,
    "MAX_WORK",
    "units of work",
    "the same: bytes handled, what is slow counts several times",
    LEFT_OUT,
  ],
  [`${SCRIPTS}/shell/interpret.ts`, "MAX_DEPTH", "calls", "each in the one before", LEFT_OUT],
  [`${SCRIPTS}/shell/fields.ts`, "MAX_FIELDS", "words", "what one word is expanded to", LEFT_OUT],
  [`${SCRIPTS}/shell/fields.ts`, "MAX_TEXT", "bytes", "a text of a script", LEFT_OUT],
  [`${SCRIPTS}/file-system.ts`, "MAX_READ", "bytes", "a file that a script reads", LEFT_OUT],
  [`${SCRIPTS}/file-system.ts`, "MAX_WRITE", "bytes", "a file that it writes", LEFT_OUT],
  [`${SCRIPTS}/regular-expression/syntax.ts`, "MAX_PATTERN", "characters", "a regular expression of one", LEFT_OUT],
  [`${SCRIPTS}/regular-expression/program.ts`, "MAX_PROGRAM", "instructions", "what that comes to", LEFT_OUT],
  [`${SCRIPTS}/debconf.ts`, "MAX_TEMPLATES", "questions", "what a package asks by debconf", LEFT_OUT],
  [
    "core/model/screen-text.ts",
    "LONGEST_LINE",
    "characters",
    "a line of a message",
    "its middle is left out, and how long it is told",
  ],
  ["core/model/screen-text.ts", "MOST_LINES", "lines", "a message", "the others are counted"],
];

/** Cells of the table. Throws where a constant is no longer there. */
export function fixedLimits(): readonly (readonly string[])[] {
  return ROWS.map(([path, constant, unit, where, then]) => {
    const value = valueOf(path, constant);
    return [where, unit === "bytes" ? sizeOf(value) : `${value} ${unit}`, then];
  });
}

function valueOf(path: string, constant: string): number {
  const file = ts.createSourceFile(path, readFileSync(join(PROJECT, path), "utf8"), ts.ScriptTarget.Latest, true);
  const declarations = file.statements.flatMap((each) =>
    ts.isVariableStatement(each) ? [...each.declarationList.declarations] : [],
  );
  const found = declarations.find(({ name }) => name.getText() === constant);
  if (found?.initializer === undefined) throw new Error(`${path} has no ${constant}; mend scripts/fixed-limits.ts`);
  return numberOf(found.initializer, `${path}: ${constant}`);
}

/** Of a number, a product or a difference of such. */
function numberOf(node: ts.Expression, what: string): number {
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (ts.isBinaryExpression(node)) {
    const [left, right] = [numberOf(node.left, what), numberOf(node.right, what)];
    if (node.operatorToken.kind === ts.SyntaxKind.AsteriskToken) return left * right;
    if (node.operatorToken.kind === ts.SyntaxKind.MinusToken) return left - right;
  }
  throw new Error(`${what} is no number that scripts/fixed-limits.ts can work out`);
}
