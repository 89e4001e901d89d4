/** Which locks are a project's, and whom a pnpm-workspace.yaml lists. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { load } from "js-yaml";
import * as assert from "uvu/assert";
import { ImageDslError } from "../../../core/error.ts";
import { pnpmGlobs } from "../../../core/project/pnpm-globs.ts";
import { projectLocks } from "../../../core/project/project-locks.ts";
import { memberTest } from "../../../core/project/workspace-members.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("project/project-locks");

function project(files: Readonly<Record<string, string>>): string {
  const root = tmp();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** `ROOT:MEMBER LOCK…` */
function found(root: string, path: string): string {
  mkdirSync(join(root, path), { recursive: true });
  const { root: at, member, locks } = projectLocks(join(root, path));
  return `${at.slice(root.length + 1)}:${member} ${locks.map(({ name }) => name).join(" ")}`.trim();
}

test("a lock further up is the member's where that folder lists it, in its manager's own way", () => {
  const root = project({
    "package.json": JSON.stringify({ workspaces: { packages: ["./apps/*", "libs/**"] } }),
    "pnpm-workspace.yaml": "packages: [apps/*, 'tools/*', '!tools/old']\n",
    "package-lock.json": "",
    "pnpm-lock.yaml": "",
    "apps/own/yarn.lock": "",
    "yarn.lock": "",
  });
  assert.is(found(root, "."), ": package-lock.json pnpm-lock.yaml yarn.lock");
  assert.is(found(root, "apps/api"), ":apps/api package-lock.json pnpm-lock.yaml yarn.lock");
  assert.is(found(root, "apps/own"), "apps/own: yarn.lock");
  assert.is(found(root, "tools/cli"), ":tools/cli pnpm-lock.yaml");
  assert.is(found(root, "libs/a/b"), ":libs/a/b package-lock.json yarn.lock");
  for (const path of ["tools/old", "apps/api/part", "apps/api/node_modules/ms", "apps"]) {
    assert.is(found(root, path), `${path}:`, path);
  }
  assert.equal(projectLocks(join(root, "apps")).others, [
    join(root, "package-lock.json"),
    join(root, "pnpm-lock.yaml"),
    join(root, "yarn.lock"),
  ]);
});

test("pnpm looks no further than the nearest pnpm-workspace.yaml, others do", () => {
  const root = project({
    "package.json": JSON.stringify({ workspaces: ["a/**"] }),
    "pnpm-workspace.yaml": "packages: ['a/**']",
    "pnpm-lock.yaml": "",
    "bun.lock": "",
    "a/b/pnpm-workspace.yaml": "packages: [c]",
  });
  assert.is(found(root, "a/b/c"), ":a/b/c bun.lock");
  assert.is(found(root, "a/b"), ":a/b bun.lock");
  assert.is(found(root, "a/c"), ":a/c pnpm-lock.yaml bun.lock");
});

test("a list beside a lock that cannot be read is an error that names it; without a lock nobody asks", () => {
  const broken: readonly (readonly [file: string, text: string, lock: string])[] = [
    ["package.json", "{", "package-lock.json"],
    ["package.json", '{"workspaces":["{a"]}', "yarn.lock"],
    ["pnpm-workspace.yaml", "packages: &a [x]", "pnpm-lock.yaml"],
  ];
  for (const [file, text, lock] of broken) {
    const root = project({ [file]: text });
    assert.is(found(root, "a"), "a:");
    writeFileSync(join(root, lock), "");
    assert.throws(
      () => found(root, "a"),
      (error: unknown) =>
        error instanceof ImageDslError && error.code === "E_NPM_PROJECT" && error.place?.file === join(root, file),
      text,
    );
  }
  const root = project({ "package-lock.json": "" });
  mkdirSync(join(root, "package.json"));
  assert.throws(() => found(root, "a"), /it is a directory, not a regular file/);
  const linked = project({ "bun.lock": "", "elsewhere.json": '{"workspaces":["a"]}' });
  symlinkSync("elsewhere.json", join(linked, "package.json"));
  assert.is(found(linked, "a"), ":a bun.lock");
});

test("members are folders whose package.json the globs fit, and no package that is installed in them", () => {
  const listed = (globs: readonly string[], folders: readonly string[]) => folders.filter(memberTest(globs));
  const folders = ["", "a", "a/b", "a/b/c", "a/node_modules/b", "x"];
  assert.equal(listed(["a/*"], folders), ["a/b"]);
  assert.equal(listed(["a"], folders), ["a"]);
  assert.equal(listed(["./a/**/"], folders), ["a", "a/b", "a/b/c"]);
  assert.equal(listed(["**", "!a/*"], folders), ["", "a", "a/b/c", "x"]);
  assert.equal(listed(["."], folders), [""]);
  assert.equal(listed([], folders), []);
});

test("a list in YAML is read as a parser of YAML reads it, or it is refused", () => {
  const read = [
    "packages:\n  - apps/*\n  - 'libs/**' # all\n\n# not these\n  - \"!libs/old\"\ncatalog:\n  - tools/*\n",
    "packages:\r\n- a\r\n- ./b/{c,d}\r\n- ./e\r\n",
    "---\ncatalog: { a: 1 }\n'packages' : [ a , \"b/*\", 'c', ] # these\n",
    'packages: [\n  "a",\n\n  # and\n  b\n ]\nx: 1\n',
    "packages: []\n",
    "overrides:\n  packages:\n    - a\n",
    "x: |\n  packages: [a]\n",
    "",
  ];
  for (const text of read) {
    const { packages = [] } = (load(text || "{}") ?? {}) as { readonly packages?: readonly string[] };
    assert.equal(pnpmGlobs(text), packages, text);
  }
  const refused = [
    "packages: [\n  b/[xy],\n]\n",
    "packages:\n  - a b\n",
    "packages:\n  - 'it''s'\n",
    'packages: ["a\\u002f*"]\n',
    "packages: &all\n  - a\nx: *all\n",
    "packages: !!seq [a]",
    "packages: [a, *b]\n",
    "packages:\n  - *a\n",
    "packages:\n  - a\n  - - b\n",
    "packages:\n  - a\n - b\n",
    "packages:\n  - a\n    b\n",
    "packages:\n  - >-\n    a\n",
    "packages:\n  - a: b\n",
    "packages: a\n",
    "packages: {a: b}\n",
    "packages:\n  - a#b\n",
    "packages:\n  -\n    a\n",
    "{ packages: [a] }\n",
    "  packages: [a]\n",
    "? packages\n: [a]\n",
    "packages: [a, b\n",
    "packages: [a] b\n",
    "\tpackages: [a]\n",
  ];
  for (const text of refused) assert.throws(() => pnpmGlobs(text), /"packages" is read as/, text);
});

test.run();
