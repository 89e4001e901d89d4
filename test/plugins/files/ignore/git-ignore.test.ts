// @runtimes node
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import * as assert from "uvu/assert";
import { collectFiles } from "../../../../plugins/files/collect.ts";
import { requireTool, suite, tmp } from "../../../harness.ts";
import { filesContext } from "../files-context.ts";

const test = suite("plugins/files/ignore/git-ignore");

const NAMES = ["a", "ab", "b", "a.js", "b.js", ".a", "aXb", "a]b", "a b", "ü", "!a", "#a", "a-b", "a\\b", "a[b", "*"];
const PATHS = NAMES.flatMap((name) => [name + ".f", `d/${name}`, `ab.d/${name}`, `d/e/${name}`, `.h/a/${name}`]);

function repository(paths: readonly string[] = PATHS): string {
  const folder = tmp();
  write(folder, Object.fromEntries(paths.map((path) => [path, ""])));
  execFileSync(requireTool("git"), ["init", "-q", folder]);
  return folder;
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

async function taken(folder: string, from = "."): Promise<readonly string[]> {
  const { nodes } = await collectFiles({ from, ignore: "git" }, filesContext(folder));
  return nodes[0]!.tree
    .entries()
    .filter(({ type }) => type !== "directory")
    .map(({ path }) => path)
    .sort();
}

/** What git calls files that it might track. */
function untracked(folder: string): readonly string[] {
  const list = ["-C", folder, "ls-files", "-z", "--others", "--exclude-per-directory=.gitignore"];
  return execFileSync("git", list, { encoding: "latin1" }).split("\0").slice(0, -1).sort();
}

async function agrees(folder: string, ignoring: Readonly<Record<string, string>>): Promise<void> {
  write(folder, ignoring);
  const theirs = untracked(folder);
  const ours = await taken(folder).catch((error: Error) => {
    assert.match(error.message, "leaves out all");
    return [];
  });
  assert.equal(ours, theirs, JSON.stringify(ignoring));
  for (const path of Object.keys(ignoring)) rmSync(join(folder, path));
}

test("a .gitignore leaves out what git leaves out", async () => {
  const folder = repository();
  for (const lines of [
    "*.js",
    "/*.js.f",
    "d",
    "d/",
    "/d",
    "d/*",
    "d/**",
    "**/d",
    "**",
    "*",
    "**/a",
    "a**",
    "**a",
    "d/**/a",
    "d/**/e/a",
    "*/*/a",
    "# comment\nd",
    " d",
    "\\#a",
    "\\!a",
    "!a",
    "\uFEFFd",
    "d\r\nab.d\r\n",
    "d  ",
    "d\\ ",
    "a\\ b",
    "a b  ",
    "d\t",
    "*\n!d\n!a.f",
    "d\n!d/a",
    "d/*\n!d/a",
    "d/*\n!d/e\nd/e/b",
    "a/",
    "b/",
    "[ab].js",
    "[^a].js",
    "[!a].js",
    "[a-c]",
    "d[/]a",
    "[]a]*",
    "[a-]*",
    "[-a]b*",
    "[a",
    "a\\",
    "a\\\\b",
    "[[:alpha:]]",
    "[[:digit:][:punct:]]*",
    "[[:nope:]]",
    "[[:a]",
    "a[[]b",
    "a]b",
    "[]]",
    "[]-a]",
    "[z-a]",
    "[\\]]",
    "[\\a-c]",
    "a?b",
    "?",
    "??",
    "[a-c-x]",
    "\\*",
    "*\\*",
    "/d/**/",
    "a**/e/b",
    "/a**",
    "/d**/a",
    "d/e/**/a",
    "d/**b",
    "**/e/**",
    "***/a",
    "d/***/a",
    "d//",
    "/",
    "//",
    "!",
    "d/e/",
    "**\\/a",
    "d\\/a",
    ".h/a",
    ".h/*/b",
    "*/",
    "*/\n!d/",
    "\0d",
    "d\0x",
    "e/b",
    "/e",
    "ü",
    "\u00fc?",
  ]) {
    await agrees(folder, { ".gitignore": lines });
  }
});

test("files in folders below count for what is below them, before those above", async () => {
  const folder = repository();
  await agrees(folder, { ".gitignore": "a*\n", "d/.gitignore": "!a\n/b\ne/ab", "d/e/.gitignore": "!ab\n*.js\n" });
  await agrees(folder, { ".gitignore": "d/e\n", "d/e/.gitignore": "!*\n" });
  await agrees(folder, { ".gitignore": "/e/a\n", "d/.gitignore": "/e/a\n**/b\n" });
  await agrees(folder, { ".gitignore": "!*\n", "d/.gitignore": "*\n!.gitignore\n" });
});

test("and so they do for any lines", async () => {
  const folder = repository();
  const piece = fc.constantFrom(
    "a",
    "b",
    ".",
    "*",
    "**",
    "?",
    "/",
    "d",
    "e",
    "ab.d",
    "[ab]",
    "[!a]",
    "[a-c]",
    "[[:alpha:]]",
    "\\*",
    "\\",
    " ",
    ".js",
    "]",
    "[",
    "-",
    "!",
  );
  const pattern = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(""));
  const known = fc.constantFrom("!d", "!d/e", "!a", "!/d/e/a", "*", "d/*", "!*/", "**/b");
  const lines = fc
    .array(fc.oneof({ weight: 3, arbitrary: pattern }, known), { maxLength: 4 })
    .map((each) => each.join("\n"));
  await fc.assert(
    fc.asyncProperty(lines, lines, async (top, inner) => agrees(folder, { ".gitignore": top, "d/.gitignore": inner })),
    { numRuns: Number(process.env["RUNS"] ?? 100) },
  );
});

test("files above the folder that is taken count as far as the repository goes", async () => {
  const folder = tmp();
  write(folder, { ".gitignore": "*.log\n", "repository/x.log": "", "repository/.gitignore": "*.tmp\n/app/b\n" });
  write(folder, {
    "repository/app/a.tmp": "",
    "repository/app/b": "",
    "repository/app/c.log": "",
    "repository/app/d": "",
  });
  execFileSync(requireTool("git"), ["init", "-q", join(folder, "repository")]);
  assert.equal(await taken(join(folder, "repository/app")), ["c.log", "d"]);
  rmSync(join(folder, "repository/.git"), { recursive: true });
  assert.equal(await taken(join(folder, "repository/app")), ["a.tmp", "b", "c.log", "d"]);
});

test("a link in its place counts for nothing, as for git", async () => {
  const folder = repository(["a", "b", "list"]);
  writeFileSync(join(folder, "list"), "a\n");
  symlinkSync("list", join(folder, ".gitignore"));
  assert.equal(await taken(folder), [".gitignore", "a", "b", "list"]);
  assert.equal(await taken(folder), untracked(folder));
});

test.run();
