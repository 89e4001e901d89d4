/**
 * Makes docs/errors.md, docs/warnings.md, docs/events.md and docs/limits.md of the declarations in the sources and what stands above each.
 * `npx tsx scripts/reference-pages.ts` writes them; test/docs/reference-pages.test.ts says when they are stale.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import type { ErrorCode } from "../core/error-codes.ts";
import { ImageDslError } from "../core/error.ts";
import { sizeText } from "../core/cli/size-text.ts";
import { sizeOf } from "../core/limits/limits.ts";
import { LIMITS } from "../core/limits/table.ts";
import { fixedLimits } from "./fixed-limits.ts";

const PROJECT = join(import.meta.dirname, "..");
const RENEWAL = "<!-- Made by scripts/reference-pages.ts of the sources: edit those. -->";

if (import.meta.url === `file://${process.argv[1]}`) {
  for (const [path, text] of referencePages()) writeFileSync(join(PROJECT, path), text);
}

/** The pages by their paths. */
export function referencePages(): ReadonlyMap<string, string> {
  return new Map([
    ["docs/errors.md", errorsPage()],
    ["docs/warnings.md", warningsPage()],
    ["docs/events.md", eventsPage()],
    ["docs/limits.md", limitsPage()],
  ]);
}

function errorsPage(): string {
  const rows = rowsOf("core/error-codes.ts", "BuiltinErrorCode");
  const withStatus = (...wanted: readonly number[]): string =>
    codeTable(rows.filter(([code]) => wanted.includes(new ImageDslError(code as ErrorCode, "").exitStatus)));
  return page(
    "Error codes",
    `Each error has a code, which stays what it is: the command line shows it in the last line, \`--json\` has it in the event
\`error\` ([events.md](events.md)), and in a program it is \`code\` of \`ImageDslError\`. Messages and hints, which say what
exactly is wrong and what mends it, may change. Errors of plugins from elsewhere have codes that begin with \`E_PLUGIN_\`.`,
    `## The config or the command line is wrong: exit status 2\n\n${withStatus(2)}`,
    `## The build failed: exit status 1, after an interrupt 130\n\n${withStatus(1, 130)}`,
  );
}

function warningsPage(): string {
  return page(
    "Warning codes",
    `Something is likely not as it is wanted, and what was asked for is made all the same. \`--json\` has each in the event \`warning\`
([events.md](events.md)). Warnings of plugins from elsewhere have codes that begin with \`W_PLUGIN_\`. With \`strict: true\` those about the finished
image are the error \`E_IMAGE_CHECK\`.`,
    codeTable(rowsOf("core/warning-codes.ts", "BuiltinWarningCode")),
  );
}

type CodeRow = readonly [code: string, meaning: string, mend: string];

/** Of a union of codes, each with a comment `meaning → mend`. */
function rowsOf(path: string, name: string): readonly CodeRow[] {
  const codes = declarationsIn(path).get(name);
  if (codes === undefined || !ts.isTypeAliasDeclaration(codes)) throw new Error(`${path} has no ${name}`);
  return (codes.type as ts.UnionTypeNode).types.map((member) => {
    const [, code = ""] = /"(\w+)"/.exec(member.getText()) ?? [];
    const [meaning, mend] = commentAbove(member).split(" → ");
    if (mend === undefined) throw new Error(`${path}: ${code} says no meaning → mend`);
    return [code, meaning!, mend];
  });
}

function codeTable(rows: readonly CodeRow[]): string {
  return table(
    ["code", "what it means", "what usually mends it"],
    rows.map(([code, ...words]) => [`\`${code}\``, ...words]),
  );
}

function eventsPage(): string {
  const known = new Map(
    ["core/model/event.ts", "core/model/plan.ts", "core/error.ts"].flatMap((path) => [...declarationsIn(path)]),
  );
  const told = new Set<string>();
  const events = [...unionOf(known.get("BuildEvent")), "ErrorEvent"].map((name) => {
    const type = fieldsOf(known.get(name), known).find((field) => field.name.getText() === "type");
    return `## \`${type?.type?.getText().replaceAll('"', "")}\`\n\n${textOf(name, known, told)}`;
  });
  const named: string[] = [];
  // Each names more.
  for (const name of told) named.push(`### ${name}\n\n${textOf(name, known, told)}`);
  return page(
    "Events of `--json`",
    `With \`--json\`, \`build\`, \`copy\` and \`stream\` print what happens, one JSON object a line, on stdout; \`stream\`, whose stdout is
the archive, on stderr. In a program, \`onEvent\` of \`build()\` gets the same, but for \`error\`, which is thrown. Other commands
print one document with \`--json\`, or the event \`error\`. Fields and events may be added, so pass over what you do not know;
texts for people may change. Optional fields are absent where there is nothing to say. A \`Digest\` is \`sha256:\` and 64 digits.`,
    ...events,
    "## Named in events",
    ...named,
  );
}

function limitsPage(): string {
  const seen = JSON.parse(readFileSync(join(PROJECT, "scripts/limits-seen.json"), "utf8")) as Record<string, number>;
  const seenOf = (name: string, unit: string, most: number): string => {
    const amount = seen[name];
    if (amount === undefined) return "";
    return `${unit === "count" ? amount : sizeText(amount)}, a ${Math.floor(most / amount)}th`;
  };
  const rows = Object.entries(LIMITS).map(([name, { most, unit, of, in: where, code }]) => [
    `\`${name}\``,
    unit === "count" ? `${most} ${of}` : `${sizeOf(most)} ${of}`.trimEnd(),
    where,
    seenOf(name, unit, most),
    `\`${code}\``,
  ]);
  return page(
    "Limits",
    `What others made (archives, base images, packages, indexes, locks, answers of servers) may be made to fill the memory or
the disk, or to take for ever. So each is taken up to a limit, which no honest input comes near. Beyond it the build
fails; the error says which limit it was, of what, and how it is raised:`,
    "```\nThe archive has more than 2000000 headers (--limit tar.entries=4000000 takes more)\n```",
    `\`--limit NAME=NUMBER\` of any command, which may be given several times, or in the config
\`limits: { "tar.entries": 4_000_000 }\`. Sizes may be written with a unit on the command line: \`--limit unpack.bytes=128GiB\`. Where the
config and the command line both name one, the larger counts. A limit ends a build or does not; the image is the same
whatever it is.`,
    `Sums are limited, not each item alone: of one archive and of one image by what the table says of them, and by \`build.memory\` of all that one build
keeps in memory until it ends. Its error names what was read when it was too much. It is about what Node holds by default (4 GB where the
machine has 16 GB or more); who raises it needs \`NODE_OPTIONS=--max-old-space-size=…\` too. Bytes on the disk are not summed up over a
build: what each download may come to is limited, hundreds of images come to more than one number could say, and a full disk ends a
build with nothing half-written. How many locks, indexes and keyrings are read the config says.`,
    `“Largest seen” is what the honest inputs came to that were measured, and which part of the limit that is: so far Debian's indexes, its sixty
largest packages, an image of 30 programs and services of Debian's with all that they need, as an archive and as a layout, and ten projects
with a lock of npm's or Yarn's. An empty cell was not measured. \`npm run soak limits\` measures it, over as many
packages, bases and projects as it is given.

What is merely large and honest passes: \`npm run soak large\` makes images of a layer of 10 GB, of 250,000 entries, of a package of 1.5 GB,
of 100 layers and of 40,000 users, and builds on each.`,
    table(["limit", "usually", "in", "largest seen", "error"], rows),
    `## What nobody can raise

Linux sets some of these, others are far beyond all that is made to be used, and what a maintainer script may cost keeps Ctrl-C within its
second: one that is “not worked out” is told, and what it did is taken back.`,
    table(["in", "at most", "beyond"], fixedLimits()),
  );
}

type Declaration = ts.InterfaceDeclaration | ts.TypeAliasDeclaration;
type Declarations = ReadonlyMap<string, Declaration>;

/** Types that a file declares, by name. */
function declarationsIn(path: string): Declarations {
  const text = readFileSync(join(PROJECT, path), "utf8");
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const own = file.statements.filter((each) => ts.isInterfaceDeclaration(each) || ts.isTypeAliasDeclaration(each));
  return new Map(own.map((each) => [each.name.text, each]));
}

function unionOf(declaration: Declaration | undefined): readonly string[] {
  if (declaration === undefined || !ts.isTypeAliasDeclaration(declaration)) return [];
  return ts.isUnionTypeNode(declaration.type) ? declaration.type.types.map((each) => each.getText()) : [];
}

/** `told` gets the names of the declarations that its fields name. */
function textOf(name: string, known: Declarations, told: Set<string>): string {
  const declaration = known.get(name);
  if (declaration === undefined) throw new Error(`scripts/reference-pages.ts knows no declaration of ${name}`);
  if (ts.isTypeAliasDeclaration(declaration)) return `${commentAbove(declaration)}: ${codeOf(declaration.type)}`;
  const rows = fieldsOf(declaration, known).flatMap((field) => {
    // An event's is its title.
    if (field.type === undefined || field.name.getText() === "type") return [];
    for (const [word] of field.type.getText().matchAll(/\w+/g)) if (known.has(word)) told.add(word);
    const optional = field.questionToken === undefined ? "" : ", optional";
    return [[`\`${field.name.getText()}\``, `${codeOf(field.type)}${optional}`, commentAbove(field)]];
  });
  return `${commentAbove(declaration)}\n\n${table(["field", "type", ""], rows)}`;
}

/** With those that it inherits. */
function fieldsOf(declaration: Declaration | undefined, known: Declarations): readonly ts.PropertySignature[] {
  if (declaration === undefined || !ts.isInterfaceDeclaration(declaration)) return [];
  const inherited = (declaration.heritageClauses ?? []).flatMap(({ types }) =>
    types.flatMap(({ expression }) => fieldsOf(known.get(expression.getText()), known)),
  );
  return [...inherited, ...declaration.members.filter((each) => ts.isPropertySignature(each))];
}

/** As JSON has it: nobody who reads it can write to it. */
function codeOf(type: ts.TypeNode): string {
  return `\`${type.getText().replaceAll("readonly ", "").replaceAll(/\s+/g, " ")}\``;
}

/** The documentation comment that stands right before a node. */
function commentAbove(node: ts.Node): string {
  const text = node.getSourceFile().text;
  // A member of a union begins behind its bar.
  const start = text
    .slice(0, node.getStart())
    .replace(/\|\s*$/, "")
    .trimEnd();
  const [, comment = ""] = /\/\*\*((?:(?!\*\/)[^])*)\*\/$/.exec(start) ?? [];
  return comment
    .replace(/^\s*\* ?/gm, "")
    .replaceAll(/\s+/g, " ")
    .trim();
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function page(title: string, ...parts: readonly string[]): string {
  return `${[`# ${title}`, RENEWAL, ...parts].join("\n\n")}\n`;
}
