import { readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import {
  FileTree,
  ImageDslError,
  definedGlibc,
  readWhole,
  requiredGlibc,
  treePath,
  type Entry,
} from "../../../core/index.ts";
import { fakechrootPlugin } from "../../../plugins/fakechroot/index.ts";
import { entry, file, passesUnprivileged, stage } from "../../core/run/script-fixture.ts";
import { requireTool, suite, tmp } from "../../harness.ts";

const test = suite("fakechroot", { timeout: 120_000 });
test.before(() => void requireTool("fakechroot", "fakeroot", "ldd", "readelf"));

/** The host's own programs with their libraries, as an image that brings a shell. */
function hostPrograms(...names: string[]): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  const add = (path: string) => entries.set(path, file(path.slice(1), readFileSync(path, "latin1"), { mode: 0o755 }));
  for (const name of names) {
    const program = realpathSync(requireTool(name));
    entries.set(`/bin/${name}`, {
      ...file("", readFileSync(program, "latin1"), { mode: 0o755 }),
      path: treePath(`/bin/${name}`),
    });
    for (const [library] of spawnSync("ldd", [program], { encoding: "utf8" }).stdout.matchAll(/\/[^ ]+(?= \(0x)/g))
      add(library);
  }
  return entries;
}

const PROGRAMS = hostPrograms("bash", "chown", "mknod", "stat", "cat", "ls", "mkdir", "touch");
const LIBC = [...PROGRAMS.keys()].find((path) => path.endsWith("/libc.so.6"))!;
const TREE = FileTree.of([
  ...PROGRAMS.values(),
  file("etc/passwd", "root:x:0:0::/root:/bin/sh\nredis:x:100:101::/:/bin/false\n"),
  file("etc/owned", "", { uid: 42 }),
  entry("dev/null", { type: "character", mode: 0o666, major: 1, minor: 3 }),
  entry("bin/sh", { type: "symlink", mode: 0o777, target: "bash" }),
]);

const at = (tree: FileTree, path: string) => tree.get(treePath(path));
const text = (tree: FileTree, path: string) => {
  const found = at(tree, path);
  return found?.type === "file" ? Buffer.from(readWhole(found)).toString("latin1") : `no file but ${found?.type}`;
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
/** The tree with a program's or library's bytes patched. */
const patched = (path: string, patch: (bytes: string) => string): FileTree => {
  const found = PROGRAMS.get(path)!;
  assert.is(found.type, "file");
  const bytes = Buffer.from(readWhole(found as never)).toString("latin1");
  assert.is.not(patch(bytes), bytes, "the patch finds its place");
  return FileTree.of([
    ...TREE.entries().filter((each) => each.path !== treePath(path)),
    { ...file("", patch(bytes), { mode: 0o755 }), path: treePath(path) },
  ]);
};

test("what is written to /dev/stdout and /dev/stderr is shown", async () => {
  const it = await stage(fakechrootPlugin, "fakechroot");
  await it.run("echo out > /dev/stdout; echo err > /dev/stderr; echo last", TREE);
  assert.equal(it.lines(), ["out", "err", "last"]);
});

test("it is shown too where the script ends before what hands it on has begun", async () => {
  const path = process.env["PATH"];
  const slow = tmp();
  for (const name of ["cat", "setsid"])
    writeFileSync(join(slow, name), `#!/bin/sh\nsleep 0.3\nexec ${requireTool(name)} "$@"\n`, { mode: 0o755 });
  process.env["PATH"] = `${slow}:${path}`;
  try {
    const it = await stage(fakechrootPlugin, "fakechroot");
    await it.run("echo out", TREE);
    await it.run(async ({ $ }) => void (await $`echo of a function`), TREE);
    assert.equal(it.lines(), ["out", "of a function"]);
  } finally {
    process.env["PATH"] = path;
  }
});

test("absolute paths are the image's, and what is faked is recorded", async () => {
  const it = await stage(fakechrootPlugin, "fakechroot");
  const after = await it.run(
    "pwd; stat -c '%u %n' /etc/owned; mkdir /data; chown 100:101 /data; mknod /zero c 1 5; touch /data/f; echo out > /etc/new; echo $HOME",
    TREE,
  );
  assert.equal(it.lines(), ["/", "42 /etc/owned", "/root"]);
  assert.equal([at(after, "data")?.type, at(after, "data")?.uid, at(after, "data")?.gid], ["directory", 100, 101]);
  assert.is(at(after, "zero")?.type, "character");
  assert.is(text(after, "etc/new"), "out\n");
  const changed = after
    .entries()
    .filter((each) => each !== TREE.get(each.path))
    .map(({ path }) => path);
  assert.equal(changed, ["data", "data/f", "etc/new", "zero"]);
});

test("a function's commands run inside, and sources can be read there", async () => {
  const it = await stage(fakechrootPlugin, "fakechroot", { sources: () => FileTree.of([file("f", "bytes")]) });
  const after = await it.run(async ({ $, id, path }) => {
    await Promise.all([
      $`mkdir /srv && chown ${id("redis")} /srv`,
      $`cat ${await path({ kind: "x", options: {} })}/f > /copied`,
    ]);
  }, TREE);
  assert.is(at(after, "srv")?.uid, 100);
  assert.is(text(after, "copied"), "bytes");
});

test("a tree whose /bin and /lib are links into /usr", async () => {
  const links = ["bin", "lib", "lib64"].map((name) =>
    entry(name, { type: "symlink", mode: 0o777, target: `usr/${name}` }),
  );
  const merged = FileTree.of([
    ...links,
    ...[...PROGRAMS.values()].map((each) => ({ ...each, path: treePath(`usr/${each.path}`) })),
  ]);
  const it = await stage(fakechrootPlugin, "fakechroot");
  const after = await it.run("mkdir /x && chown 5:6 /x && stat -c %u:%g /x && ls /bin/bash", merged);
  assert.equal(it.lines(), ["5:6", "/bin/bash"]);
  assert.is(at(after, "x")?.gid, 6);
});

test("/dev, /proc and /sys stay as they were", async () => {
  const it = await stage(fakechrootPlugin, "fakechroot");
  const after = await it.run(async ({ root, $ }) => {
    await $`echo written > /dev/null`;
    (await import("node:fs")).writeFileSync(`${root}/dev/made`, "x");
  }, TREE);
  assert.is(at(after, "dev/made"), undefined);
  assert.is(at(after, "dev/null"), at(TREE, "dev/null"));
});

test("an image without a shell is refused before anything runs", async () => {
  const it = await stage(fakechrootPlugin, "fakechroot");
  const error = await failure(it.run("true", FileTree.of([file("etc/passwd", "")])));
  assert.is(error.code, "E_RUNNER_UNSUPPORTED");
  assert.match(error.message, "it has no /bin/sh");
  assert.equal(it.leftovers(), []);
});

test("an image that the host's libraries cannot work in is refused before anything runs", async () => {
  const it = await stage(fakechrootPlugin, "fakechroot");
  const refused = async (tree: FileTree, why: string) => {
    const error = await failure(it.run("echo ran", tree));
    assert.is(error.code, "E_RUNNER_UNSUPPORTED");
    assert.match(error.message, why);
    assert.match(error.hint!, "enableFakechroot");
    assert.equal(it.lines(), []);
  };
  await refused(
    patched("/bin/bash", (bytes) => `${bytes.slice(0, 18)}\xb7\0${bytes.slice(20)}`),
    "its programs are for arm64",
  );
  await refused(
    patched("/bin/bash", (bytes) => bytes.replace("/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1\0\0\0")),
    "musl",
  );
  await refused(
    patched(LIBC, (bytes) => bytes.replaceAll(/GLIBC_2\.3\d/g, "GLIBC_2.30")),
    "its glibc is 2.30, and",
  );
  await refused(
    patched(LIBC, (bytes) => bytes.replaceAll("GLIBC_2.36", "GLIBC_2.99")),
    "its glibc is 2.99, and this machine's loader",
  );
  await refused(FileTree.of(TREE.entries().filter(({ path }) => !path.endsWith("/libc.so.6"))), "it has no libc.so.6");
});

test("symbol versions are those that readelf tells", () => {
  const referee = (path: string, section: string) => {
    const { stdout } = spawnSync("readelf", ["-V", "-W", path], { encoding: "utf8" });
    const part = stdout.slice(stdout.indexOf(section)).split("\n\n")[0]!;
    const versions = [...part.matchAll(/GLIBC_(\d+)\.(\d+)/g)].map(
      ([, major, minor]) => [Number(major), Number(minor)] as const,
    );
    return versions.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]).at(-1);
  };
  const libc = realpathSync(LIBC);
  assert.equal(definedGlibc(libc), referee(libc, ".gnu.version_d"));
  for (const path of [libc, "/bin/bash", requireTool("stat")].map((each) => realpathSync(each))) {
    assert.equal(requiredGlibc(path), referee(path, ".gnu.version_r") ?? [0, 0]);
  }
});

if (process.getuid!() === 0 && process.env["UNPRIVILEGED_RUN"] === undefined) {
  test("all of this as an ordinary user", () => passesUnprivileged(fileURLToPath(import.meta.url)));
}

test.run();
