// @runtimes node
/** Packages that nothing could load in the image, or that nobody vouches for: members of a workspace without what they are loaded by, native code for another Node, sums that are none. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { inlineFile, treePath, type Source } from "../../../core/index.ts";
import type { ImageDslError } from "../../../core/index.ts";
import { refuseUnloadable } from "../../../plugins/npm/layout/loadable-members.ts";
import { memberTree } from "../../../plugins/npm/layout/member-tree.ts";
import type { InstallPlan } from "../../../plugins/npm/model.ts";
import { strongKey } from "../../../plugins/npm/registry/tarball.ts";
import { refuseOtherNode } from "../../../plugins/npm/scripts/built-for.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("npm/loadable");

/** What is refused of a member with these files; undefined where it is taken. */
async function refusalOf(
  manifest: object,
  files: Readonly<Record<string, string>> = {},
): Promise<ImageDslError | undefined> {
  const directory = tmp();
  const json = { name: "shared", version: "1.0.0", ...manifest };
  for (const [path, text] of Object.entries({ "package.json": JSON.stringify(json), ...files })) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  const id = "shared@1.0.0";
  const member = { id, name: "shared", version: "1.0.0", origin: { kind: "folder", directory }, bin: {}, needs: [] };
  const plan = { lockFile: "", packages: new Map([[id, member]]), places: [], layout: { kind: "npm" } };
  const trees = new Map([[id, await memberTree(directory, json)]]);
  return refuseUnloadable(plan as unknown as InstallPlan, trees).then(
    () => undefined,
    (error: ImageDslError) => error,
  );
}

const BUILT = { "dist/index.js": "", "dist/part.js": "", "src/index.ts": "" };

test("a member that is not built is refused, with its package.json and what to do", async () => {
  for (const manifest of [
    { main: "./dist/index.js" },
    { main: "dist" },
    { exports: "./dist/index.js" },
    { exports: { ".": { types: "./src/index.ts", import: "./dist/index.js" }, "./package.json": "./package.json" } },
  ]) {
    const refused = await refusalOf(manifest, { "src/index.ts": "" });
    assert.is(refused?.code, "E_NPM_PACKAGE", JSON.stringify(manifest));
    assert.match(refused?.message ?? "", 'shared has no "dist');
    assert.match(refused?.hint ?? "", "Build it first");
    assert.match(refused?.place?.file ?? "", /\/package\.json$/);
    assert.is(await refusalOf(manifest, BUILT), undefined, JSON.stringify(manifest));
  }
});

test("a member whose .gitignore hides what was built is refused, unless its files name that", async () => {
  const hidden = { ...BUILT, ".gitignore": "dist\n" };
  for (const manifest of [{ main: "dist/index.js" }, { exports: "./dist/index.js" }]) {
    assert.match((await refusalOf(manifest, hidden))?.hint ?? "", '"files": ["dist"]');
    assert.is(await refusalOf({ ...manifest, files: ["dist"] }, hidden), undefined);
  }
});

test("a member that says nothing of what it is loaded by, or is of types alone, is taken", async () => {
  assert.is(await refusalOf({}), undefined);
  assert.is(await refusalOf({ exports: { ".": { types: "./index.d.ts" } } }, { "index.d.ts": "" }), undefined);
  assert.is(await refusalOf({ main: "index" }, { "index.js": "" }), undefined);
});

test("what install scripts built for one release line of Node is refused beside another one's", () => {
  const made = (symbol: string) => [inlineFile(treePath("/app/node_modules/a/a.node"), Buffer.from(`\0${symbol}\0`))];
  const contents = (version: string): readonly Source[] => [{ kind: "node", options: { version } }];
  const bound = made("node_register_module_v115");
  assert.throws(
    () => refuseOtherNode(bound, "v20.20.2", contents("24")),
    /app\/node_modules\/a\/a\.node was built by Node 20, and is for that alone: the image has Node 24/,
  );
  refuseOtherNode(bound, "v20.20.2", contents("20.1.0"));
  refuseOtherNode(bound, "v20.20.2", []);
  refuseOtherNode(made("napi_register_module_v1"), "v20.20.2", contents("24"));
});

test("an integrity that is none is refused, and not taken for one that the lock leaves out", () => {
  const keyOf = (integrity?: string) => strongKey({ kind: "registry", ...(integrity !== undefined && { integrity }) });
  for (const text of ["sha512-AAAA", "garbage", "sha3-AAAA", `sha512-${"A".repeat(80)}`]) {
    assert.throws(
      () => keyOf(text),
      new RegExp(`A lock has the integrity "${text.slice(0, 20)}.*, which is none`),
      text,
    );
  }
  assert.is(keyOf(), undefined);
  assert.is(keyOf("sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="), undefined, "too weak to go by alone");
  assert.type(keyOf(`sha3-AAAA sha512-${"A".repeat(86)}==`), "string");
});

test.run();
