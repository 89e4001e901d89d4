/** Patches of packages: what fits to the letter is applied, and all else refused. pnpm itself is asked in test/e2e/pnpm.test.ts. */
import * as assert from "uvu/assert";
import { FileTree, fileText, inlineFile, treePath } from "../../../core/index.ts";
import { patchedTree } from "../../../plugins/npm/layout/patched.ts";
import { suite } from "../../harness.ts";

const test = suite("npm/patched");

const PACKAGE = FileTree.of([
  inlineFile(treePath("a.js"), Buffer.from("1\n2\n3\n4\n5\n6\n7\n8\n9")),
  inlineFile(treePath("lib/b.js"), Buffer.from("b\n"), { mode: 0o755 }),
]);

const change = (path: string, ...lines: readonly string[]): string =>
  [`diff --git a/${path} b/${path}`, `--- a/${path}`, `+++ b/${path}`, ...lines, ""].join("\n");

function patched(text: string): FileTree {
  return patchedTree(PACKAGE, { file: "/p/x.patch", text }, "x@1.0.0");
}

function refusal(text: string): string {
  try {
    patched(text);
  } catch (error) {
    const { code, message, place } = error as { code?: string; message: string; place?: { file?: string } };
    return `${code} ${place?.file} ${message}`;
  }
  return "nothing was refused";
}

test("several hunks, ends without an end of the line, and modes", () => {
  const text = change(
    "a.js",
    "@@ -1,2 +1,3 @@",
    " 1",
    "+1.5",
    " 2",
    "@@ -8,2 +9,1 @@",
    "-8",
    " 9",
    "\\ No newline at end of file",
  );
  assert.is(fileText(patched(text), "a.js"), "1\n1.5\n2\n3\n4\n5\n6\n7\n9");
  const ended = change("a.js", "@@ -9,1 +9,1 @@", "-9", "\\ No newline at end of file", "+9");
  assert.is(fileText(patched(ended), "a.js"), "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
  const mode = "diff --git a/lib/b.js b/lib/b.js\nold mode 100755\nnew mode 100644\n";
  const { mode: made } = patched(mode).get(treePath("lib/b.js"))!;
  assert.is(made, 0o644);
  const gone = patched("diff --git a/lib/b.js b/lib/b.js\ndeleted file mode 100755\n");
  assert.not(gone.has(treePath("lib/b.js")));
  assert.ok(gone.has(treePath("lib")));
});

test("bytes that are no UTF-8 stay as they are", () => {
  const bytes = Buffer.from("\xe9\n1\n\xff", "latin1");
  const tree = FileTree.of([inlineFile(treePath("a.js"), bytes)]);
  const text = change("a.js", "@@ -2,1 +2,1 @@", "-1", "+\u00e9");
  const found = fileText(patchedTree(tree, { file: "x.patch", text }, "x@1.0.0"), "a.js");
  assert.is(found, "\xe9\n\xc3\xa9\n\xff");
});

test("files come into folders that are new, and files after files", () => {
  const created = (path: string) =>
    `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1,1 @@\n+n\n`;
  const tree = patched(["new/a/b", "new/c"].map(created).join(""));
  assert.is(fileText(tree, "new/a/b"), "n\n");
  assert.is(tree.get(treePath("new"))?.type, "directory");
  const moved = patched("diff --git a/lib/b.js b/c.js\nsimilarity index 100%\nrename from lib/b.js\nrename to c.js\n");
  assert.is(fileText(moved, "c.js"), "b\n");
  assert.not(moved.has(treePath("lib/b.js")));
  assert.match(
    refusal(created("new") + created("new/a")),
    "/p/x.patch Cannot apply the patch to x@1.0.0: /new is no folder",
  );
  assert.match(refusal(created("new/a") + created("new")), "/new is there already");
  assert.match(refusal(created("l".repeat(300))), "/p/x.patch Cannot apply the patch to x@1.0.0: Path");
});

test("a patch of the manager's own goes to the nearest place that it fits, but for blanks at lines' ends; else it is left as a whole", () => {
  const tree = (text: string) => FileTree.of([inlineFile(treePath("a.js"), Buffer.from(text))]);
  const text = change("a.js", "@@ -1,2 +1,2 @@", " a", "-b", "+B", "@@ -20,2 +20,2 @@", " c", "-d", "+D");
  const given = (file: string) => fileText(patchedTree(tree(file), { text }, "x@1.0.0"), "a.js");
  assert.is(given("0\na \nb\n1\nc\nd\n2\nc\nd"), "0\na \nB\n1\nc\nd\n2\nc\nD\n");
  assert.is(given("a\nb\nc\ne\n"), "a\nb\nc\ne\n");
});

test("what does not fit to the letter, leaves the package or says nothing is refused with the patch's file", () => {
  const hunk = ["@@ -1,1 +1,1 @@", "-1", "+one"];
  const created = "diff --git a/n b/n\nnew file mode 100644\n--- /dev/null\n+++ b/n\n@@ -0,0 +1,1 @@\n+n\n";
  const rows: readonly [text: string, said: string][] = [
    [change("a.js", "@@ -2,1 +2,1 @@", "-1", "+one"), "line 2 of /a.js is not what it is made for"],
    [change("a.js", "@@ -1,1 +1,1 @@", "-1 ", "+one"), "line 1 of /a.js is not what it is made for"],
    [change("a.js", "@@ -40,1 +40,1 @@", "-1", "+one"), "line 40 of /a.js is not what it is made for"],
    [change("a.js", "@@ -3,1 +3,1 @@", "-3", "+x", ...hunk), "its places in /a.js overlap"],
    [change("a.js", "@@ -1,3 +1,1 @@", "-1", "+one"), "x@1.0.0: "],
    [change("c.js", ...hunk), "there is no file /c.js"],
    [change("../c.js", ...hunk), '"a/../c.js" is no path in the package'],
    [created.replaceAll("b/n", "b/../../n").replace("a/n", "a/../../n"), '"b/../../n" is no path in the package'],
    [created.replace("100644", "120000"), "it makes a file of mode 120000"],
    ["diff --git a/a.js b/lib/b.js\nrename from a.js\nrename to lib/b.js\n", "/lib/b.js is there already"],
    ["diff --git a/a.js b/c.js\ncopy from a.js\ncopy to c.js\n", "b/c.js is a copy of another file"],
    ["diff --git a/a.js b/a.js\nindex 1..2\nBinary files a/a.js and b/a.js differ\n", "b/a.js is binary"],
    ["nothing\n", "it changes nothing"],
  ];
  for (const [text, said] of rows) {
    assert.match(refusal(text), "E_NPM_PACKAGE /p/x.patch Cannot apply the patch to x@1.0.0: ", said);
    assert.match(refusal(text), said, said);
  }
});

test.run();
