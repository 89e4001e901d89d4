import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import fc from "fast-check";
import {
  FileTree,
  digestOf,
  hostPath,
  inlineFile,
  narHash,
  readWhole,
  treePath,
  walk,
  type Entry,
  type FileEntry,
  type ImageDslError,
} from "../../../core/index.ts";
import { parseRegistration } from "../../../plugins/nix/closure.ts";
import { nodeOf } from "../../../plugins/nix/collect.ts";
import { withDatabase } from "../../../plugins/nix/database.ts";
import { requireTool, suite, tmp } from "../../harness.ts";
import { runs } from "../../sampled.ts";
import { nixFixture, type NixFixture } from "./store-fixture.ts";

const test = suite("nix/database");

let host: NixFixture;
test.before(() => {
  host = nixFixture();
});

const registration = (...paths: string[]) =>
  parseRegistration(host.run("nix-store", "--dump-db", ...paths).split("\n"));
const closureOf = (attribute: string) => {
  const requisites = host.run("nix-store", "--query", "--requisites", host.build(attribute)).split("\n");
  return registration(...requisites.toSorted());
};
const treeOf = (infos: ReturnType<typeof closureOf>): FileTree =>
  FileTree.of(
    infos.flatMap((info) =>
      nodeOf(info)
        .tree.withOrigin(info.path)
        .entries()
        .filter(({ path }) => path.startsWith(info.path.slice(1))),
    ),
  );
const databaseOf = (tree: FileTree, store = host.store): FileEntry =>
  tree.get(treePath(`${store}/../var/nix/db/db.sqlite`.replace("/store/..", ""))) as FileEntry;

function sql(database: FileEntry, statement: string): string {
  const file = join(tmp(), "db.sqlite");
  writeFileSync(file, readWhole(database));
  return execFileSync(requireTool("sqlite3"), [file, statement], { encoding: "utf8" }).trim();
}

function failure(work: () => unknown): ImageDslError {
  try {
    work();
  } catch (error) {
    return error as ImageDslError;
  }
  throw new Error("It did not fail");
}

/** Two paths, known without Nix. */
const STORE = "/nix/store";
const A = `${STORE}/${"a".repeat(32)}-a`;
const B = `${STORE}/${"b".repeat(32)}-b-1.0`;
const KNOWN = [
  { path: A, narHash: "1".repeat(64), narSize: 120, references: [A, B] },
  { path: B, narHash: "2".repeat(64), narSize: 240, references: [] },
];

test("what is shipped is what the database says (4.2: 29)", () => {
  for (const info of [...closureOf("hello"), ...closureOf("text"), ...closureOf("link")]) {
    const { tree } = nodeOf(info);
    assert.equal(narHash(tree, treePath(info.path)), { hash: info.narHash, size: info.narSize }, info.path);
  }
});

test("the same paths give the same file, byte for byte, everywhere", () => {
  const database = databaseOf(withDatabase(FileTree.empty, KNOWN, [A]), STORE);
  assert.is(sql(database, "PRAGMA integrity_check; PRAGMA foreign_key_check"), "ok");
  assert.is(digestOf(readWhole(database)), "sha256:cecfb6e47115216d243c21ca7d1d1ebd61bfc4ff31e6b91b6c13faccd9536dcc");
});

test("directories and links stand where Nix looks for them; what is there already stays", () => {
  const own: Entry = {
    type: "directory",
    path: treePath("nix/var/nix/profiles"),
    mode: 0o700,
    uid: 5,
    gid: 5,
    mtime: 1,
  };
  const tree = withDatabase(FileTree.of([own]), KNOWN, [A]);
  const shape = tree
    .entries()
    .map((entry) => `${entry.path} ${entry.mode.toString(8)}${entry.type === "symlink" ? ` ${entry.target}` : ""}`);
  assert.equal(shape, [
    "nix 755",
    "nix/var 755",
    "nix/var/nix 755",
    "nix/var/nix/db 755",
    "nix/var/nix/db/db.sqlite 644",
    "nix/var/nix/db/schema 644",
    "nix/var/nix/gcroots 755",
    "nix/var/nix/gcroots/docker 755",
    `nix/var/nix/gcroots/docker/${"a".repeat(32)}-a 777 ${A}`,
    "nix/var/nix/gcroots/per-user 755",
    "nix/var/nix/gcroots/profiles 777 /nix/var/nix/profiles",
    "nix/var/nix/profiles 700",
    "nix/var/nix/profiles/per-user 755",
    "nix/var/nix/temproots 755",
  ]);
});

test("a base's database that Nix wrote is kept, and ours added to it", () => {
  const drv = host.run("nix-store", "--query", "--deriver", host.build("hello"));
  const base = FileTree.of(walk(hostPath(host.prefix), { dest: treePath(host.prefix), modes: "keep" }));
  const tree = withDatabase(
    base.withOrigin("base"),
    KNOWN.map((info) => ({ ...info, path: info.path.replace("/nix/store", host.store), references: [] })),
    [],
  );
  const database = databaseOf(tree);
  assert.is(sql(database, "PRAGMA integrity_check; PRAGMA foreign_key_check"), "ok");
  const before = join(host.state, "db/db.sqlite");
  const columns =
    "path, hash, registrationTime, coalesce(deriver, ''), narSize, coalesce(ultimate, 0), coalesce(ca, '')";
  const all = execFileSync("sqlite3", [before, `SELECT ${columns} FROM ValidPaths ORDER BY path`], {
    encoding: "utf8",
  }).trim();
  assert.is(sql(database, `SELECT ${columns} FROM ValidPaths WHERE registrationTime > 1 ORDER BY path`), all);
  assert.is(sql(database, "SELECT count(*) FROM ValidPaths WHERE registrationTime = 1"), "2");
  const refs =
    "SELECT a.path, b.path FROM Refs, ValidPaths a, ValidPaths b WHERE a.id = referrer AND b.id = reference ORDER BY 1, 2";
  assert.is(sql(database, refs), execFileSync("sqlite3", [before, refs], { encoding: "utf8" }).trim());
  assert.is(
    sql(
      database,
      `SELECT DerivationOutputs.id, DerivationOutputs.path FROM DerivationOutputs, ValidPaths WHERE drv = ValidPaths.id AND ValidPaths.path = '${drv}'`,
    ),
    `out|${host.build("hello")}`,
  );
});

test("our own database in a base reads as it was written", () => {
  const first = withDatabase(FileTree.empty, KNOWN, []).withOrigin("base");
  const again = withDatabase(first, KNOWN, []);
  assert.equal(readWhole(databaseOf(again, STORE)), readWhole(databaseOf(first, STORE)));
});

test("a derivation in the closure is registered with its outputs", () => {
  const drv = host.run("nix-store", "--query", "--deriver", host.build("dep"));
  const infos = registration(drv);
  const database = databaseOf(withDatabase(treeOf(infos), infos, []));
  assert.is(sql(database, "SELECT id, path FROM DerivationOutputs"), `out|${host.build("dep")}`);
});

test("a base's database that cannot be read whole is refused with what to do", () => {
  const good = withDatabase(FileTree.empty, KNOWN, []);
  const withFile = (name: string, text: string) =>
    good.with([inlineFile(treePath(`nix/var/nix/db/${name}`), Buffer.from(text))]);
  const refusal = (tree: FileTree) => {
    const { code, message, hint } = failure(() => withDatabase(tree, KNOWN, []));
    assert.is(code, "E_NIX_DATABASE");
    assert.ok(hint);
    return message;
  };
  assert.match(refusal(withFile("db.sqlite-wal", "x")), /still in its log/);
  assert.match(refusal(withFile("schema", "7")), /schema is "7", and "10" is known/);
  assert.match(refusal(withFile("db.sqlite", "")), /does not begin as a database does/);
  const bytes = Buffer.from(readWhole(databaseOf(good, STORE)));
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
      const bad = Buffer.from(bytes);
      bad[at] = byte;
      try {
        withDatabase(good.with([inlineFile(treePath("nix/var/nix/db/db.sqlite"), bad)]), KNOWN, []);
      } catch (error) {
        assert.is((error as ImageDslError).code, "E_NIX_DATABASE");
      }
    }),
    { numRuns: runs(300) },
  );
});

test("something else inside a store path is told, not registered", () => {
  const inside = { ...inlineFile(treePath(`${A}/extra`), Buffer.from("x")), origin: "files:.#1" };
  const { code, message } = failure(() => withDatabase(FileTree.of([inside]), KNOWN, []));
  assert.is(code, "E_NIX_DATABASE");
  assert.match(message, `${A}/extra of files:.#1 lies inside it`);
});

test("a path whose references are not all there is told, not registered", () => {
  const { code, message } = failure(() => withDatabase(FileTree.empty, KNOWN.slice(0, 1), []));
  assert.is(code, "E_NIX_DATABASE");
  assert.match(message, `Cannot register "${A}": it refers to "${B}", which the image lacks`);
});

test("what is no registration is refused", () => {
  for (const text of [
    "",
    A,
    `${A}\nxx\n1\n\n0`,
    `${A}\n${"1".repeat(64)}\n1\n\n2\n${B}`,
    `/etc\n${"1".repeat(64)}\n1\n\n0`,
  ]) {
    if (text === "") assert.equal(parseRegistration([]), []);
    else assert.is(failure(() => parseRegistration(text.split("\n"))).code, "E_NIX_STORE", text);
  }
});

test.run();
