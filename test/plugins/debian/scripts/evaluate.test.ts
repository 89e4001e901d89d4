/** Packages as a whole: what preinst sees, taking back, pinned ids, triggers. */
import * as assert from "uvu/assert";
import { FileTree } from "../../../../core/index.ts";
import { atOnce } from "../../../../core/tree/turns.ts";
import { configureTree } from "../../../../plugins/debian/scripts/configure.ts";
import { evaluateScripts } from "../../../../plugins/debian/scripts/evaluate.ts";
import { nameServices, skeletonTree } from "../../../../plugins/debian/scripts/skeleton.ts";
import { suite } from "../../../harness.ts";
import { BASE, GROUP, PASSWD, evaluate, packageOf, show, textOf, treeOf } from "./support.ts";

const test = suite("debian/scripts/evaluate");
const sh = (text: string) => `#!/bin/sh\nset -e\n${text}\n`;

test("one package that is not covered takes only its own effects back", () => {
  const result = evaluate([
    packageOf("a", { postinst: sh("adduser --system --group a\nmkdir /srv\ntouch /srv/a") }),
    packageOf("b", {
      preinst: sh("touch /srv/early"),
      postinst: sh("adduser --system --group b\nchown b /srv\nrm /srv/a\nupdate-rc.d b defaults\nlsblk /srv"),
    }),
    packageOf("c", { postinst: sh("adduser --system --group c\nchown c /srv/a") }),
  ]);
  assert.equal(result.coverage, [
    { package: "a", script: "postinst", covered: true },
    { package: "b", script: "preinst", covered: false, reason: "left out with postinst" },
    { package: "b", script: "postinst", covered: false, line: 7, reason: "the command lsblk is not emulated" },
    { package: "c", script: "postinst", covered: true },
  ]);
  assert.equal(result.ids.users, { a: { uid: 100, gid: 101 }, c: { uid: 101, gid: 102 } });
  assert.is(show(result, "srv/a"), "644 101:0");
  assert.is(show(result, "srv/early"), undefined);
  assert.is(result.notes.length, 0);
});

test("what needs the user of an uncovered package is not covered either", () => {
  const result = evaluate([
    packageOf("a", { postinst: sh("adduser --system a\nlsblk") }),
    packageOf("b", { postinst: sh("chown a /var") }),
  ]);
  assert.equal(
    result.coverage.map((item) => item.covered),
    [false, false],
  );
  assert.is(result.changes.length, 0);
});

test("preinst does not see its own package's files yet, postinst does", () => {
  const preinst = sh(
    "[ ! -e /usr/own ]\n[ ! -d /usr/dir ]\n[ -d /usr/shared ]\n[ -e /usr/shared/other ]\nrm -rf /usr/dir\nmkdir -m 700 /usr/dir\necho old > /usr/own\ntouch /usr/made",
  );
  const postinst = sh('[ "$(cat /usr/own)" = shipped ]\n[ -e /usr/dir/file ]\n[ -e /usr/made ]');
  const owned = treeOf({ "usr/own": "shipped", "usr/dir": null, "usr/dir/file": "", "usr/shared": null }, "p");
  const other = treeOf({ "usr/shared/other": "" }, "q");
  const result = evaluate([packageOf("p", { preinst, postinst })], {}, [...owned, ...other]);
  assert.equal(
    result.coverage.map((item) => item.reason),
    [undefined, undefined],
  );
  assert.is(textOf(result, "usr/own"), "shipped");
  assert.equal(
    result.changes.map((change) => change.kind === "put" && change.entry.path),
    ["usr/dir", "usr/made"],
  );
});

test("changed entries are the image's, untouched ones stay their package's", () => {
  const owned = treeOf({ "usr/a": "a", "usr/b": "b" }, "p");
  const result = evaluate([packageOf("p", { postinst: sh("chown daemon /usr/a\nchmod 644 /usr/b") })], {}, owned);
  assert.is(result.tree.get("usr/a" as never)?.origin, "image");
  assert.is(result.tree.get("usr/b" as never)?.origin, "p");
});

test("ids from the lock are given again, and to nobody else", () => {
  const packages = ["x", "y", "z"].map((name) => packageOf(name, { postinst: sh(`adduser --system --group ${name}`) }));
  const tree = FileTree.of(treeOf(BASE));
  const first = atOnce(evaluateScripts({ tree, packages, architecture: "amd64", suite: "bookworm" }));
  assert.equal(first.ids.users, { x: { uid: 100, gid: 101 }, y: { uid: 101, gid: 102 }, z: { uid: 102, gid: 103 } });
  const shuffled = [packageOf("w", { postinst: sh("adduser --system --group w") }), ...packages.toReversed()];
  const again = atOnce(
    evaluateScripts({ tree, packages: shuffled, architecture: "amd64", suite: "bookworm", pinned: first.ids }),
  );
  assert.equal(again.ids.users, { ...first.ids.users, w: { uid: 103, gid: 104 } });
});

test("a trigger set off by name runs its package again, once, if that was configured before", () => {
  const interested = (name: string) =>
    packageOf(name, {
      triggers: "interest-noawait rebuild\n",
      postinst: sh(`[ "$1" = triggered ] || exit 0\necho "$2" >> /etc/${name}`),
    });
  const trigger = packageOf("t", { postinst: sh("dpkg-trigger --no-await rebuild\ndpkg-trigger rebuild") });
  const result = evaluate([interested("before"), trigger, interested("after")], { etc: null });
  assert.is(textOf(result, "etc/before"), "rebuild\n");
  assert.is(show(result, "etc/after"), undefined);
  assert.equal(result.coverage.at(-1), { package: "before", script: "triggers", covered: true });
});

test("a script for another interpreter, and one that ends badly, are not covered", () => {
  const result = evaluate(
    [
      packageOf("perl", { postinst: "#!/usr/bin/perl\nexit 0;\n" }),
      packageOf("binary", { preinst: "\x7fELF\x02" }),
      packageOf("sourced", { postinst: sh(". /usr/lib.sh\nf") }),
    ],
    { "usr/lib.sh": "f() {\n  lsblk\n}\n" },
  );
  assert.equal(
    result.coverage.map((item) => `${item.line ?? "-"} ${item.reason}`),
    [
      "- postinst is not written for sh",
      "- preinst is not written for sh",
      "4 the command lsblk is not emulated (/usr/lib.sh:2)",
    ],
  );
});

test("the skeleton has merged /usr, sticky /tmp and Debian's users", () => {
  const masters = { passwdMaster: Buffer.from(PASSWD), groupMaster: Buffer.from(GROUP) };
  const tree = skeletonTree({ architecture: "amd64", ...masters, topLevelNames: new Set(["lib32", "etc"]) });
  const entry = (path: string) => tree.get(path as never);
  for (const name of ["bin", "sbin", "lib", "lib64", "lib32"]) {
    const link = entry(name);
    assert.is(link?.type === "symlink" && link.target, `usr/${name}`);
    assert.is(entry(`usr/${name}`)?.type, "directory");
  }
  assert.is(entry("tmp")?.mode, 0o1777);
  assert.is(entry("var/tmp")?.mode, 0o1777);
  assert.is(entry("root")?.mode, 0o700);
  assert.is(skeletonTree({ architecture: "arm64", ...masters }).has("lib64" as never), false);
  const done = atOnce(configureTree({ tree, packages: [], architecture: "amd64", suite: "bookworm" }));
  assert.is(textOf(done, "etc/nsswitch.conf"), nameServices());
  assert.match(nameServices(), /^passwd: +files\n[\s\S]*^hosts: +files dns\n/m);
  assert.throws(
    () => skeletonTree({ architecture: "amd64", ...masters, passwdMaster: Buffer.from("root:x") }),
    /passwd.master:1/,
  );
});

test("a package does not see files of those that are unpacked later, and they win over what it wrote", () => {
  const early = packageOf("early", {
    postinst: sh(
      '[ ! -e /usr/later ] || exit 1\n[ -z "$(command -v later)" ] || exit 1\nmkdir -p /usr/both\necho early > /usr/both/file',
    ),
  });
  const later = packageOf("later", { postinst: sh("[ -e /usr/later/data ]\ncat /usr/both/file > /usr/seen") });
  const files = { "usr/later": null, "usr/later/data": "x", "usr/bin/later": "#!/bin/sh\n", "usr/both/file": "later" };
  const result = evaluate(
    [
      { ...early, turn: { unpacked: 0, configured: 0 } },
      { ...later, turn: { unpacked: 1, configured: 1 } },
    ],
    {},
    [...treeOf({ "usr/bin": null, "usr/both": null }, "early"), ...treeOf(files, "later")],
  );
  assert.equal(
    result.coverage.map(({ covered }) => covered),
    [true, true],
  );
  assert.is(textOf(result, "usr/seen"), "later");
  assert.is(textOf(result, "usr/both/file"), "later");
});

test("return outside of a function ends a script of dash, and is not covered in bash; ls of / is not covered", () => {
  const reasonOf = (postinst: string) => evaluate([packageOf("thing", { postinst })]).coverage[0]?.reason;
  assert.is(reasonOf("#!/bin/sh\nreturn 0\nfalse\n"), undefined);
  assert.match(reasonOf("#!/bin/bash\nreturn 0\ntouch /usr/a\n") ?? "", /return outside of a function/);
  assert.is(reasonOf("#!/bin/bash\nset -e\nf() { (return 0); return 0; }\nf\n"), undefined);
  assert.match(reasonOf(sh("ls /")) ?? "", /ls of \//);
  assert.match(reasonOf(sh("ls -d /usr/..")) ?? "", /ls of \//);
});

test.run();
