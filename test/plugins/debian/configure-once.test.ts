/** What the scripts came to is kept: read back it is the same, and it is found by nothing but the same inputs. */
import * as assert from "uvu/assert";
import { FileTree, treeDigest, type Json } from "../../../core/index.ts";
import { configureOnce, type Configured } from "../../../plugins/debian/configure-once.ts";
import type { ScriptsInput } from "../../../plugins/debian/scripts/evaluate.ts";
import { suite } from "../../harness.ts";
import { BASE, packageOf, programs, treeOf, type Layout } from "./scripts/support.ts";

const test = suite("debian/configure-once");

const postinst = `#!/bin/sh
set -e
adduser --system --group thing
chown thing /var
cp /usr/shipped /usr/copy
ln -s copy /usr/link
echo "käse" > /srv-text
rm /usr/gone
update-rc.d thing defaults
`;
const packages = [packageOf("thing", { postinst }), packageOf("other", { postinst: "#!/bin/sh\nlsblk\n" })];
const input: ScriptsInput = {
  tree: FileTree.of([
    ...treeOf(BASE),
    ...treeOf({ "usr/shipped": "shipped", "usr/gone": "x" }, "thing").filter(({ path }) => path.startsWith("usr/")),
  ]),
  packages,
  architecture: "amd64",
  suite: "bookworm",
};
const archives = ["a", "b"];
const { signal } = new AbortController();

/** Remembers records, and says how often one was written. */
function store() {
  const records = new Map<string, string>();
  return {
    records,
    readRecord: async (kind: string, key: string) => {
      const text = records.get(`${kind}/${key}`);
      return text === undefined ? undefined : (JSON.parse(text) as Json);
    },
    writeRecord: async (kind: string, key: string, value: Json) =>
      void records.set(`${kind}/${key}`, JSON.stringify(value)),
  };
}

function shown({ tree, ...rest }: Configured) {
  const { ids, coverage, notes } = rest;
  return {
    tree: treeDigest(tree),
    origins: tree.entries().map(({ path, origin }) => [path, origin]),
    ids,
    coverage,
    notes,
  };
}

test("read back it is what was worked out, content, owners and notes too", async () => {
  const kept = store();
  const first = await configureOnce(input, archives, { store: kept, signal }, "code");
  assert.is(kept.records.size, 1);
  const again = await configureOnce(input, archives, { store: kept, signal }, "code");
  assert.equal(shown(again), shown(first));
  assert.not.equal(treeDigest(again.tree), treeDigest(input.tree));
  assert.is(first.coverage.filter(({ covered }) => covered).length, 1);
});

test("it is read back, not worked out again", async () => {
  const kept = store();
  await configureOnce(input, archives, { store: kept, signal }, "code");
  const [[place, text]] = [...kept.records] as [[string, string]];
  kept.records.set(place, text.replace('"thing":{"uid":100', '"thing":{"uid":777'));
  assert.is((await configureOnce(input, archives, { store: kept, signal }, "code")).ids.users["thing"]?.uid, 777);
});

test("other code, archives, ids, origins or files are worked out anew; without known code nothing is kept", async () => {
  const kept = store();
  await configureOnce(input, archives, { store: kept, signal }, "code");
  const moved = FileTree.of(input.tree.entries().map((entry) => ({ ...entry, origin: "else" })));
  const others: [ScriptsInput, readonly string[], string][] = [
    [input, archives, "other code"],
    [input, ["a", "c"], "code"],
    [{ ...input, pinned: { users: { thing: { uid: 500, gid: 500 } }, groups: { thing: 500 } } }, archives, "code"],
    [{ ...input, tree: moved }, archives, "code"],
    [{ ...input, tree: FileTree.of([...input.tree.entries(), ...treeOf({ zoo: "" })]) }, archives, "code"],
    [{ ...input, architecture: "arm64" }, archives, "code"],
    [{ ...input, suite: "trixie" }, archives, "code"],
  ];
  for (const [index, [changed, digests, code]] of others.entries()) {
    await configureOnce(changed, digests, { store: kept, signal }, code);
    assert.is(kept.records.size, 2 + index);
  }
  await configureOnce({ ...input, architecture: "i386" }, archives, { store: kept, signal }, undefined);
  assert.is(kept.records.size, 1 + others.length);
});

const TOOLS = programs("adduser", "cat", "chown", "find", "ln", "mkdir");

/** Each with whether it looks into /app, or may lead there. */
const LOOKING: readonly (readonly [script: string, looks: boolean, files?: Layout])[] = [
  ["adduser --system thing; test -d /app; for each in /*; do echo $each; done > /etc/all", false],
  ["cat /etc/app/settings > /etc/copy", false, { "etc/app/settings": "x" }],
  ["chown 7:7 /app", false],
  ["for each in /app/*; do echo $each; done > /etc/listed", true],
  ["if test -e /app/a.js; then echo yes > /etc/is; fi", true],
  ["cat /app/[a-z].js > /etc/copy", true],
  ["echo more >> /app/a.js", true],
  ["mkdir /app/made", true],
  ["chown -R 7:7 /app", true],
  ["find / -name '*.js' > /etc/found", true],
  ["cat /etc/link > /etc/copy", true, { "etc/link": ["link", "../app/a.js"] }],
  ["cat /etc/through/a.js > /etc/copy", true, { "etc/through": ["link", "/etc/other"], "etc/other": ["link", "/app"] }],
  ["ln -s /app/a.js /etc/unread", true],
  ["lsblk", true],
];

test("what nobody looked at does not matter: an app's files, where neither a script nor a link leads to them", async () => {
  for (const [script, looks, files = {}] of LOOKING) {
    const subjects = [packageOf("thing", { postinst: `#!/bin/sh\nset -e\n${script}\n` })];
    const withApp = (app: Record<string, string>): ScriptsInput => ({
      ...input,
      packages: subjects,
      tree: FileTree.of([
        ...treeOf({ ...BASE, ...TOOLS, ...files }),
        ...treeOf({ "usr/shipped": "shipped" }, "thing").filter(({ path }) => path.startsWith("usr/")),
        ...treeOf(app, "app"),
      ]),
    });
    const fresh = await configureOnce(withApp({ "app/a.js": "" }), ["a"], { store: store(), signal }, undefined);
    assert.is(fresh.coverage[0]!.covered, script !== "lsblk", `${script}: ${fresh.coverage[0]!.reason}`);
    const changed = withApp({ "app/a.js": "// two", "app/b.js": "// new" });
    const kept = store();
    await configureOnce(withApp({ "app/a.js": "// one" }), ["a"], { store: kept, signal }, "code");
    const known = await configureOnce(changed, ["a"], { store: kept, signal }, "code");
    const anew = await configureOnce(changed, ["a"], { store: store(), signal }, undefined);
    assert.equal(shown(known), shown(anew), script);
    assert.is(kept.records.size, looks ? 2 : 1, script);
  }
});

test.run();
