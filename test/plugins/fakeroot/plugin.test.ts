import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import {
  FileTree,
  ImageDslError,
  digestOf,
  readWhole,
  runtime,
  treePathFromBytes,
  type Entry,
  type TreePath,
} from "../../../core/index.ts";
import { fakerootPlugin } from "../../../plugins/fakeroot/index.ts";
import {
  entry,
  file,
  passesUnprivileged,
  processesIn,
  processesWith,
  stage,
  survivorsWith,
} from "../../core/run/script-fixture.ts";
import { requireTool, suite } from "../../harness.ts";

const test = suite("fakeroot", { timeout: 120_000 });
test.before(() => void requireTool("fakeroot"));

const TREE = FileTree.of([
  file("etc/passwd", "root:x:0:0::/root:/bin/sh\nredis:x:100:101::/var/lib/redis:/bin/false\n"),
  file("etc/locked", "locked", { mode: 0o000 }),
  file("var/lib/redis/dump", "data", { uid: 100, gid: 101, mode: 0o640, uname: "redis" }),
  entry("var/lib/redis/again", { type: "hardlink", target: "var/lib/redis/dump", uid: 100, gid: 101, mode: 0o640 }),
  entry("var/lib/redis", { type: "directory", mode: 0o2555, uid: 100, gid: 101 }),
  entry("dev/null", { type: "character", mode: 0o666, major: 1, minor: 3 }),
  entry("dev/disk", { type: "block", mode: 0o660, gid: 6, major: 300, minor: 70_000 }),
  entry("run/pipe", { type: "fifo", mode: 0o600 }),
  entry("bin", { type: "symlink", mode: 0o777, target: "usr/bin", uid: 7 }),
  file("usr/bin/tool", "#!/bin/sh\n", { mode: 0o4755 }),
]);

const at = (tree: FileTree, path: string): Entry | undefined => tree.get(treePathFromBytes(path));
const owner = (tree: FileTree, path: string) => {
  const found = at(tree, path)!;
  return `${found.type} ${found.mode.toString(8)} ${found.uid}:${found.gid}`;
};
const text = (tree: FileTree, path: string): string => {
  const found = at(tree, path);
  return found?.type === "file" ? Buffer.from(readWhole(found)).toString("latin1") : `no file but ${found?.type}`;
};
const changedPaths = (before: FileTree, after: FileTree): TreePath[] => {
  const paths = new Set([...before.entries(), ...after.entries()].map(({ path }) => path));
  return [...paths].filter((path) => before.get(path) !== after.get(path)).toSorted();
};
const failure = async (work: Promise<unknown>): Promise<ImageDslError> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof ImageDslError) return error;
    throw error;
  }
  throw new Error("It did not fail");
};

test("the user is the one it says", () => {
  if (process.env["UNPRIVILEGED_RUN"] !== undefined) assert.is(process.getuid!(), 65534);
});

test("a script sees the tree's own owners, modes and special files, and leaves it as it was", async () => {
  const it = await stage(fakerootPlugin, "fakeroot");
  const after = await it.run("stat -c '%n %F %a %u:%g %t:%T' $(find . -mindepth 1 | sort)", TREE);
  assert.equal(
    it.lines().filter((line) => !/^\.\/(etc|usr|usr\/bin|var|var\/lib|dev|run) /.test(line)),
    [
      "./bin symbolic link 777 7:0 0:0",
      "./dev/disk block special file 660 0:6 12c:11170",
      "./dev/null character special file 666 0:0 1:3",
      "./etc/locked regular file 0 0:0 0:0",
      "./etc/passwd regular file 644 0:0 0:0",
      "./run/pipe fifo 600 0:0 0:0",
      "./usr/bin/tool regular file 4755 0:0 0:0",
      "./var/lib/redis directory 2555 100:101 0:0",
      "./var/lib/redis/again regular file 640 100:101 0:0",
      "./var/lib/redis/dump regular file 640 100:101 0:0",
    ],
  );
  assert.equal(changedPaths(TREE, after), []);
  assert.equal(it.leftovers(), []);
});

test("owners, modes, set-id bits and device nodes end in the tree", async () => {
  const it = await stage(fakerootPlugin, "fakeroot");
  const after = await it.run(
    `mkdir -p data && chown 100:101 data && chmod 2770 data
     mknod dev/tty c 5 0; mknod -m 600 dev/big b 259 1048575; mkfifo -m 622 run/new
     install -m 4711 -o 3 -g 4 etc/passwd usr/bin/su
     chown -h 9:9 bin
     chmod 1777 run
     umask > mask; id -u > who`,
    TREE,
  );
  assert.is(owner(after, "data"), "directory 2770 100:101");
  assert.is(owner(after, "dev/tty"), "character 644 0:0");
  assert.equal(
    [at(after, "dev/big"), owner(after, "dev/big")].map((each) =>
      typeof each === "string" ? each : [(each as never)["major"], (each as never)["minor"]],
    ),
    [[259, 1048575], "block 600 0:0"],
  );
  assert.is(owner(after, "run/new"), "fifo 622 0:0");
  assert.is(owner(after, "usr/bin/su"), "file 4711 3:4");
  assert.is(text(after, "usr/bin/su"), text(TREE, "etc/passwd"));
  assert.is(owner(after, "bin"), "symlink 777 9:9");
  assert.is(owner(after, "run"), "directory 1777 0:0");
  assert.is(text(after, "mask"), "0022\n");
  assert.is(text(after, "who"), "0\n");
  assert.equal(changedPaths(TREE, after), [
    "bin",
    "data",
    "dev/big",
    "dev/tty",
    "mask",
    "run",
    "run/new",
    "usr/bin/su",
    "who",
  ]);
});

test("one session serves commands that a function runs side by side", async () => {
  const it = await stage(fakerootPlugin, "fakeroot");
  const after = await it.run(async ({ $ }) => {
    await $`mkdir many`;
    await Promise.all(
      Array.from(
        { length: 100 },
        (_, index) =>
          $`echo ${index} > many/${index} && chown ${index + 1}:${index + 1000} many/${index} && chmod 6${String(index % 8)}${String((index + 3) % 8)}4 many/${index}`,
      ),
    );
    await $`mknod many/zero c 1 5 & mknod many/random c 1 8 & wait`;
  }, TREE);
  for (let index = 0; index < 100; index++) {
    assert.is(owner(after, `many/${index}`), `file 6${index % 8}${(index + 3) % 8}4 ${index + 1}:${index + 1000}`);
    assert.is(text(after, `many/${index}`), `${index}\n`);
  }
  assert.is(owner(after, "many/zero"), "character 644 0:0");
});

test("100 background jobs of one bash text are all recorded", async () => {
  const it = await stage(fakerootPlugin, "fakeroot");
  const after = await it.run("for i in $(seq 100); do (touch f$i; chown $i:$((i * 7)) f$i) & done; wait", TREE);
  for (let index = 1; index <= 100; index++) assert.is(owner(after, `f${index}`), `file 644 ${index}:${index * 7}`);
});

test("names with blanks, newlines, quotes and bytes that are no UTF-8 come and go unharmed", async () => {
  const it = await stage(fakerootPlugin, "fakeroot");
  const odd = FileTree.of([
    file("a b/c\nd", "1", { uid: 5 }),
    file("-rf", "2"),
    file("\xff\xfe/\xc3\x28", "3", { gid: 6 }),
    file("$(x)'\"`", "4"),
    entry("link \xe9", { type: "symlink", mode: 0o777, target: "nowhere \xff" }),
    file("n\xc3\xa9", "5"),
  ]);
  if (runtime() !== "node") {
    // The others cannot open such names, and say which.
    const refused = (await it.run("true", odd).catch((thrown: unknown) => thrown)) as ImageDslError;
    assert.match(refused.message, /is not UTF-8/);
    assert.equal(it.leftovers(), []);
    return;
  }
  assert.equal(changedPaths(odd, await it.run("find . | wc -l", odd)), []);
  const after = await it.run(
    `mkdir $'\\xee' && echo 6 > $'\\xee/new\\n\\xef' && chown 8:9 $'\\xee/new\\n\\xef' && mv 'a b' $'\\xfd'; rm ./-rf`,
    odd,
  );
  assert.is(owner(after, "\xee/new\n\xef"), "file 644 8:9");
  assert.is(owner(after, "\xfd/c\nd"), "file 644 5:0");
  assert.equal(
    changedPaths(odd, after),
    ["-rf", "a b", "a b/c\nd", "\xee", "\xee/new\n\xef", "\xfd", "\xfd/c\nd"].toSorted(),
  );
  assert.equal(it.leftovers(), []);
});

test("removed files and directories, and what took their place", async () => {
  const it = await stage(fakerootPlugin, "fakeroot");
  const after = await it.run(
    "rm -r var/lib; ln -s ../etc var/lib; rm bin && mkdir bin && touch bin/x; rm etc/locked; chmod 600 etc/passwd",
    TREE,
  );
  assert.is(at(after, "var/lib/redis"), undefined);
  assert.is((at(after, "var/lib") as { target?: string }).target, "../etc");
  assert.is(owner(after, "bin"), "directory 755 0:0");
  assert.ok(at(after, "bin/x"));
  assert.is(at(after, "etc/locked"), undefined);
  assert.is(owner(after, "etc/passwd"), "file 600 0:0");
});

test("hard links: a write through one name is a write to all, a removed first name leaves the others whole", async () => {
  const it = await stage(fakerootPlugin, "fakeroot");
  const written = await it.run("echo more >> var/lib/redis/again; ln etc/passwd etc/passwd-", TREE);
  assert.is(text(written, "var/lib/redis/dump"), "datamore\n");
  assert.is((at(written, "var/lib/redis/again") as { target?: string }).target, "var/lib/redis/dump");
  assert.is((at(written, "etc/passwd-") as { target?: string }).target, "etc/passwd");
  const removed = await it.run("rm var/lib/redis/dump", TREE);
  assert.is(text(removed, "var/lib/redis/again"), "data");
  assert.is(owner(removed, "var/lib/redis/again"), "file 640 100:101");
});

test("what is written anew with the same bytes is no change", async () => {
  const it = await stage(fakerootPlugin, "fakeroot");
  const after = await it.run(
    "cp etc/passwd x && cat x > etc/passwd && rm x; printf data > new && mv new var/lib/redis/data; rm var/lib/redis/data; touch etc/locked",
    TREE,
  );
  assert.equal(changedPaths(TREE, after), []);
});

test("the environment is fixed, with what the user declared, and standard input is empty", async () => {
  process.env["SECRET_OF_THE_HOST"] = "yes";
  const it = await stage(fakerootPlugin, "fakeroot");
  await it.run(
    "env | cut -d= -f1 | sort | tr '\\n' ' '; echo; echo $TZ $LANG $SOURCE_DATE_EPOCH $A; cat; readlink -f . | sed 's/.*\\///'",
    TREE,
    { env: { A: "b c" } },
  );
  assert.equal(it.lines(), [
    "A FAKED_MODE FAKEROOTDONTTRYCHOWN FAKEROOTKEY HOME LANG LD_LIBRARY_PATH LD_PRELOAD PATH PWD SHLVL SOURCE_DATE_EPOCH TMPDIR TZ _ ",
    "UTC C.UTF-8 1 b c",
    "root",
  ]);
});

test("a function is given users' ids and sources' trees", async () => {
  const source = { kind: "files", options: { from: "x" } };
  const it = await stage(fakerootPlugin, "fakeroot", {
    sources: () => FileTree.of([file("deep/tool", "bytes", { mode: 0o755 })]),
  });
  const after = await it.run(async ({ $, id, path, env }) => {
    const directory = await path(source);
    await $`cp ${directory}/deep/tool tool && chown ${id("redis")} tool`;
    const denied = await $`set +e; touch ${directory}/deep/new; echo $?`;
    if (process.getuid!() !== 0) assert.is(denied.stdout, "1\n");
    assert.is(env["TZ"], "UTC");
  }, TREE);
  assert.is(owner(after, "tool"), "file 555 100:101");
  assert.is(text(after, "tool"), "bytes");
  assert.equal(it.leftovers(), []);
  const error = await failure(it.run(({ id }) => id("postgres"), TREE));
  assert.is(error.code, "E_SCRIPT_FAILED");
  assert.match(error.message, 'no user "postgres"');
  assert.match(error.hint!, "root, redis");
});

test("a failing text tells exit code and last output, a failing function too; nothing is left", async () => {
  const it = await stage(fakerootPlugin, "fakeroot");
  const error = await failure(
    it.run("for i in $(seq 30); do echo line $i; done; echo oops >&2; false; echo unreached", TREE),
  );
  assert.is(error.code, "E_SCRIPT_FAILED");
  assert.match(error.message, 'Script "fakeRootCommands" of "app" failed: exit code 1; its last output:');
  assert.match(error.message, "line 30");
  assert.match(error.message, "oops");
  assert.not.match(error.message, /line 10\n/);
  assert.match(error.hint!, "--keep-failed");
  const thrown = await failure(it.run(async ({ $ }) => void (await $`echo before; exit 7`), TREE));
  assert.match(thrown.message, "exit code 7");
  assert.match(thrown.message, "before");
  const own = await failure(it.run(() => Promise.reject(new Error("my own words")), TREE));
  assert.match(own.message, "my own words");
  const forgotten = await failure(it.run(({ $ }) => void $`sleep 100`, TREE));
  assert.match(forgotten.message, "still running");
  assert.equal(it.leftovers(), []);
});

test("--keep-failed keeps the work directory and names it", async () => {
  const it = await stage(fakerootPlugin, "fakeroot", { keepFailed: true });
  const error = await failure(it.run("echo here > evidence; exit 3", TREE));
  const kept = /The work directory was kept: (.*)$/.exec(error.hint!)![1]!;
  assert.ok(existsSync(`${kept}/evidence`));
});

test("an interrupt ends every process of the script and leaves no directory", async () => {
  const marker = `image-dsl-test-${process.pid}`;
  for (const script of [
    `trap '' TERM; echo ready; (exec -a ${marker} sleep 300) & setsid bash -c 'exec -a ${marker} sleep 300' & sleep 300`,
    async ({ $ }: { $: (pieces: TemplateStringsArray, ...values: unknown[]) => PromiseLike<unknown> }) =>
      void (await Promise.all([
        $`echo ready; exec -a ${marker} sleep 300`,
        $`setsid bash -c ${`exec -a ${marker} sleep 300`} & wait`,
      ])),
  ]) {
    const it = await stage(fakerootPlugin, "fakeroot");
    const result = failure(it.run(script as string, TREE));
    const state = { ended: false };
    void result.finally(() => (state.ended = true));
    while (!state.ended && (!it.lines().includes("ready") || processesWith(marker).length < 2)) await delay(20);
    assert.ok(processesIn(it.directory).length > 0, "the session's daemon works there");
    it.abort();
    assert.is((await result).code, "E_ABORTED");
    assert.equal(await survivorsWith(marker), []);
    assert.equal(processesIn(it.directory), []);
    assert.equal(it.leftovers(), []);
  }
});

test("background processes do not outlive a script that ends well", async () => {
  const marker = `image-dsl-stray-${process.pid}`;
  const it = await stage(fakerootPlugin, "fakeroot");
  await it.run(
    `(exec -a ${marker} sleep 300) & setsid bash -c 'exec -a ${marker} sleep 300' > /dev/null 2>&1 & sleep 0.2; echo done`,
    TREE,
  );
  assert.equal(await survivorsWith(marker), []);
});

test("`needs` lays out what it names; the rest stays in the tree", async () => {
  const it = await stage(fakerootPlugin, "fakeroot");
  const after = await it.run("find . -type f | sort; echo x >> etc/passwd; rm -r run", TREE, { needs: ["etc/p*"] });
  assert.equal(it.lines(), ["./etc/passwd"]);
  assert.is(text(after, "etc/passwd"), `${text(TREE, "etc/passwd")}x\n`);
  assert.is(at(after, "var/lib/redis/dump"), at(TREE, "var/lib/redis/dump"));
  assert.is(at(after, "run/pipe"), undefined);
  const clash = await failure(it.run("echo new > etc/locked", TREE, { needs: ["etc/p*"] }));
  assert.match(clash.message, "/etc/locked, which the image has but the script did not see");
  const moved = await failure(it.run("mv var/lib var/lib2", TREE, { needs: ["etc/p*"] }));
  assert.match(moved.message, "moved the directory of /var/lib/redis/");
});

test("a result is found again, from the tree, the text, the environment and the tools", async () => {
  const it = await stage(fakerootPlugin, "fakeroot");
  const script =
    "echo ran; echo new > fresh; chown 5 fresh; mv etc/passwd etc/moved; rm -r var; mknod n c 1 2; ln fresh linked; : > empty";
  const first = await it.run(script, TREE);
  const again = await it.run(script, TREE);
  assert.equal(it.lines(), ["ran"]);
  assert.equal(changedPaths(first, again).length > 0, true, "entries are read from the record");
  const print = (tree: FileTree) =>
    tree
      .entries()
      .map((each) => [each.path, owner(tree, each.path), each.type === "file" ? text(tree, each.path) : ""]);
  assert.equal(print(again), print(first));
  await it.run(script, TREE, { env: { X: "1" } });
  await it.run(script, FileTree.of([...TREE.entries(), file("more", "")]));
  await it.run(`${script} `, TREE);
  assert.equal(it.lines().length, 4);
});

test("functions are found again only where their code is known, and while the sources they used are the same", async () => {
  const plain = await stage(fakerootPlugin, "fakeroot");
  const script = ({ $ }: { $: (pieces: TemplateStringsArray) => unknown }) => $`echo ran`;
  await plain.run(script, TREE);
  await plain.run(script, TREE);
  assert.equal(plain.lines(), ["ran", "ran"]);

  let content = "one";
  const moduleGraph = { digest: digestOf("code") };
  const it = await stage(fakerootPlugin, "fakeroot", { moduleGraph, sources: () => FileTree.of([file("f", content)]) });
  const user = async ({ $, path }: Parameters<Exclude<Parameters<typeof it.run>[0], string>>[0]) => {
    await $`cat ${await path({ kind: "text", options: { a: 1 } })}/f; cat ${await path({ kind: "text", options: { a: 1 } })}/f > copy`;
  };
  const one = await it.run(user, TREE);
  await it.run(user, TREE);
  assert.equal(it.lines(), ["one"]);
  content = "two";
  const two = await it.run(user, TREE);
  assert.equal(it.lines(), ["one", "two"]);
  assert.equal([text(one, "copy"), text(two, "copy")], ["one", "two"]);

  const blind = await stage(fakerootPlugin, "fakeroot", {
    moduleGraph: { unknown: "it computes", place: { file: "c.ts", line: 3 } },
  });
  await blind.run(script, TREE);
  await blind.run(script, TREE);
  assert.equal(blind.lines(), ["ran", "ran"]);
  const warning = blind.events.find((event) => event.type === "warning");
  assert.match(
    (warning as { message: string }).message,
    "runs on every build: the code of its function cannot be known (c.ts:3: it computes)",
  );
});

test("a statically linked program is named, and refused where it really changed an owner", async () => {
  const it = await stage(fakerootPlugin, "fakeroot");
  const directory = `/tmp/image-dsl-static-${process.pid}`;
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    `${directory}/chown.c`,
    "#include <unistd.h>\nint main(int n, char **a) { return chown(a[1], 5, 5) ? 9 : 0; }\n",
  );
  requireTool("gcc");
  assert.is(spawnSync("gcc", ["-static", "-o", `${directory}/static-chown`, `${directory}/chown.c`]).status, 0);
  const error = await failure(it.run(`${directory}/static-chown etc/passwd`, TREE));
  const warning = it.events.find((event) => event.type === "warning");
  assert.match(
    (warning as { message: string }).message,
    `runs "${directory}/static-chown", which is statically linked`,
  );
  // Without root's rights the program itself fails, with them it succeeds and is found out.
  if (process.getuid!() === 0) assert.is(error.code, "E_SCRIPT_ESCAPED");
  else assert.match(error.message, "exit code 9");
  spawnSync("rm", ["-r", directory]);
});

test("a socket is refused by name", async () => {
  const it = await stage(fakerootPlugin, "fakeroot");
  requireTool("python3");
  const error = await failure(
    it.run(`python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("run/sock")'`, TREE),
  );
  assert.match(error.message, "left the socket /run/sock");
});

if (process.getuid!() === 0 && process.env["UNPRIVILEGED_RUN"] === undefined) {
  test("all of this as an ordinary user", () => passesUnprivileged(fileURLToPath(import.meta.url)));
}

test.run();
