// @timeout 240
/** Users and groups in scripts are the image's, whoever asks for them. */
import { spawnSync } from "node:child_process";
import { chmodSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { FileTree, ImageDslError, readWhole, treePathFromBytes, type Script } from "../../../core/index.ts";
import { fakerootPlugin } from "../../../plugins/fakeroot/index.ts";
import { hostScriptPlugin } from "../../../plugins/host-script/index.ts";
import { file, passesUnprivileged, stage, survivorsWith } from "../../core/run/script-fixture.ts";
import { requireTool, suite, tmp } from "../../harness.ts";

const test = suite("fakeroot/names", { timeout: 60_000 });
test.before(() => void requireTool("fakeroot", "bwrap", "busybox", "python3"));

/** Debian's hosts have games as 5:60, and daemon as 1:1. */
const TREE = FileTree.of([
  file("etc/passwd", "root:x:0:0::/root:/bin/sh\ngames:x:777:778:Games:/srv:/bin/false\n# no entry\n"),
  file("etc/group", "root:x:0:\ngames:x:778:\nplayers:x:779:games,root\n"),
]);

const text = (tree: FileTree, path: string): string => {
  const found = tree.get(treePathFromBytes(path));
  return found?.type === "file" ? Buffer.from(readWhole(found)).toString() : `no file but ${found?.type}`;
};
const owner = (tree: FileTree, path: string) => {
  const { uid, gid } = tree.get(treePathFromBytes(path))!;
  return `${uid}:${gid}`;
};
const failure = async (work: Promise<unknown>): Promise<ImageDslError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ImageDslError) return error;
  throw error ?? new Error("It did not fail");
};

/** How programs ask, and what they have to answer. Their order is the one in which a script asks. */
const QUESTIONS: readonly (readonly [question: string, answer: string])[] = [
  ["id games", "uid=777(games) gid=778(games) groups=778(games),779(players)"],
  ["id -G games", "778 779"],
  ["getent passwd games", "games:x:777:778:Games:/srv:/bin/false"],
  ["getent passwd 777 | cut -d: -f1", "games"],
  ["getent group players", "players:x:779:games,root"],
  ["getent passwd | wc -l", "2"],
  ["getent group | wc -l", "3"],
  ["getent passwd daemon || echo none", "none"],
  ["getent initgroups games | tr -s ' '", "games 779"],
  [
    "python3 -c 'import grp, pwd; print(pwd.getpwnam(\"games\").pw_uid, grp.getgrgid(779).gr_name, len(pwd.getpwall()))'",
    "777 players 2",
  ],
  ["perl -e 'print join(q( ), (getpwnam(q(games)))[2,3], scalar getgrgid(778)), qq(\\n)'", "777 778 games"],
  ["echo ~games", "/srv"],
  ["echo ~daemon", "~daemon"],
  ["busybox id -u games", "777"],
  ["grep -c : /etc/passwd", "2"],
];

for (const [kind, plugin] of [
  ["fakeroot", fakerootPlugin],
  ["host", hostScriptPlugin],
] as const) {
  test(`whatever asks, as bash text and in a function: ${kind}`, async () => {
    const it = await stage(plugin, kind);
    const asked = QUESTIONS.map(([question], index) => `{ ${question}; } > ${index} 2>&1`);
    const functions: Script = async ({ $ }) => {
      for (const each of asked) await $(Object.assign([each], { raw: [each] }));
    };
    for (const script of [asked.join("\n"), functions]) {
      const after = await it.run(script, TREE);
      for (const [index, [question, answer]] of QUESTIONS.entries()) {
        assert.is(text(after, String(index)).trim(), answer, question);
      }
    }
  });
}

test("whatever gives: chown, chgrp, install, find, tar, stat, cp, busybox", async () => {
  const it = await stage(fakerootPlugin, "fakeroot");
  const after = await it.run(
    `mkdir chown; chown games:players chown
     touch chgrp; chgrp players chgrp
     install -d -o games -g players install
     touch of-games others; chown games: of-games
     find . -user games -group games > found; find . -nouser > unknown; find . -uid 777 -printf '%u %g %p\\n' | sort > told
     stat -c '%U:%G' chown > stat
     ls -ld chown | cut -d' ' -f3,4 > ls
     tar -cf names.tar chown && tar -tvf names.tar | cut -d' ' -f2 > tar
     tar --numeric-owner -tvf names.tar | cut -d' ' -f2 >> tar
     mkdir out; tar -xpf names.tar -C out
     cp -a chown out/copied
     busybox stat -c '%U:%G' chown > busybox`,
    TREE,
  );
  assert.is(owner(after, "chown"), "777:779");
  assert.is(owner(after, "chgrp"), "0:779");
  assert.is(owner(after, "install"), "777:779");
  assert.is(owner(after, "of-games"), "777:778");
  assert.is(owner(after, "out/chown"), "777:779");
  assert.is(owner(after, "out/copied"), "777:779");
  assert.is(text(after, "found"), "./of-games\n");
  assert.is(text(after, "unknown"), "");
  assert.is(text(after, "told"), "games games ./of-games\ngames players ./chown\ngames players ./install\n");
  assert.is(text(after, "stat"), "games:players\n");
  assert.is(text(after, "ls"), "games players\n");
  assert.is(text(after, "tar"), "games/players\n777/779\n");
});

test("what the image lacks is unknown, and the error says whose names are meant", async () => {
  const it = await stage(fakerootPlugin, "fakeroot");
  const calls = [
    "touch f; chown daemon f",
    "touch f; chgrp daemon f",
    "install -d -o daemon f",
    "id daemon",
    "find . -user daemon",
    "python3 -c 'import pwd; pwd.getpwnam(\"daemon\")'",
  ];
  for (const call of calls) {
    for (const script of [call, (({ $ }) => $(Object.assign([call], { raw: [call] }))) satisfies Script]) {
      const error = await failure(it.run(script, TREE));
      assert.is(error.code, "E_SCRIPT_FAILED", call);
      assert.match(error.hint!, /of the image before the script \(which has root, games\), never this machine's: add/);
    }
  }
  const error = await failure(it.run("touch f; chown root f", FileTree.empty));
  assert.match(error.hint!, "which has none");
  assert.is(owner(await it.run("touch f; chown 5:60 f", FileTree.empty), "f"), "5:60");
});

test("another user of the same name is another image: a kept result is of the names it was made with", async () => {
  const it = await stage(fakerootPlugin, "fakeroot");
  const renumbered = FileTree.of([file("etc/passwd", "games:x:555:556::/:/bin/sh\n"), file("etc/group", "")]);
  assert.is(owner(await it.run("touch f; chown games: f", TREE), "f"), "777:778");
  assert.is(owner(await it.run("touch f; chown games: f", renumbered), "f"), "555:556");
  assert.is(owner(await it.run("touch f; chown games: f", TREE), "f"), "777:778");
});

test("a process that leaves everything behind does not outlive its script, and cannot look into image-dsl", async () => {
  const secret = `names-secret-${process.pid}`;
  process.env["NAMES_SECRET"] = secret;
  for (const [kind, plugin] of [
    ["fakeroot", fakerootPlugin],
    ["host", hostScriptPlugin],
  ] as const) {
    const it = await stage(plugin, kind);
    const after = await it.run(
      `cd /; env -i setsid -f sleep 341.5 > /dev/null 2>&1 < /dev/null; cd "$OLDPWD"
       cat /proc/*/environ 2> /dev/null | tr '\\0' '\\n' | grep -c ${secret} > seen || true`,
      TREE,
    );
    assert.is(text(after, "seen"), "0\n");
    assert.equal(await survivorsWith("341.5"), []);
  }
});

/** Each leaves `$PRIVATE`, or what was there, where the script's tree was. */
const REPLACEMENTS = [
  "d=$PWD; cd ..; rm -rf $d; ln -s $PRIVATE $d",
  "d=$PWD; cd ..; mv $d $d.old; mkdir $d; echo x > $d/f",
  "d=$PWD; cd ..; rm -rf $d",
  "d=$PWD; cd ..; rm -rf $d; echo x > $d",
  'w=$(dirname $PWD); cd "$w/.."; mv $w $w.old; mkdir $w; ln -s $PRIVATE $w/root',
  'w=$(dirname $PWD); cd "$w/.."; mv $w $w.old; ln -s $PRIVATE $w; mkdir $PRIVATE/root',
  "t=$(dirname $(dirname $PWD)); w=$(basename $(dirname $PWD)); cd /; mv $t $t.old; mkdir -p $PRIVATE/$w/root; ln -s $PRIVATE $t",
];

for (const [kind, plugin] of [
  ["fakeroot", fakerootPlugin],
  ["host", hostScriptPlugin],
] as const) {
  test(`a script that replaces its directory is an error, and nothing is followed: ${kind}`, async () => {
    for (const script of REPLACEMENTS) {
      const directory = tmp();
      writeFileSync(join(directory, "secret"), "secret");
      chmodSync(join(directory, "secret"), 0o200);
      const it = await stage(plugin, kind);
      const error = await failure(it.run(script, TREE, { env: { PRIVATE: directory } }));
      assert.is(error.code, "E_SCRIPT_FAILED", script);
      assert.match(error.message, "put something else in the place of the directory that it runs in", script);
      const { mode } = statSync(join(directory, "secret"));
      assert.is(mode & 0o777, 0o200, script);
    }
  });
}

if (process.getuid!() === 0 && process.env["UNPRIVILEGED_RUN"] === undefined) {
  test("all of this as an ordinary user", () => passesUnprivileged(fileURLToPath(import.meta.url)), {
    timeout: 115_000,
  });
  test("the referee: this machine knows another games, and daemon", () => {
    assert.is(spawnSync("id", ["-u", "games"], { encoding: "utf8" }).stdout, "5\n");
    assert.is(spawnSync("id", ["-u", "daemon"]).status, 0);
  });
}

test.run();
