import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { elf } from "../../../plugins/elf/index.ts";
import { binSh, fakeNss, shadowFiles, shadowSetup } from "../../../plugins/environment/index.ts";
import { text } from "../../../plugins/files/index.ts";
import { requireTool, suite } from "../../harness.ts";
import { buildRoot, type BuiltRoot } from "./built-root.ts";

const test = suite("environment/shadow", { timeout: 60_000 });

const FILES = ["etc/passwd", "etc/shadow", "etc/group", "etc/gshadow", "etc/pam.d/other", "etc/login.defs"];

/** The host's own shadow tools, and what PAM loads for them. */
function tools() {
  requireTool("passwd", "useradd", "groupadd", "pwck", "grpck", "su");
  const modules = ["pam_unix.so", "pam_rootok.so"].map((name) => `/usr/lib/x86_64-linux-gnu/security/${name}`);
  const files = ["bash", "id", "mkdir", "chmod", "passwd", "useradd", "groupadd", "pwck", "grpck", "su"];
  return elf({ files: files.map((name) => requireTool(name)), also: modules });
}

function shown({ path }: BuiltRoot): readonly string[] {
  return FILES.map((name) => {
    const { mode, uid, gid } = lstatSync(join(path, name));
    return `${name} ${(mode & 0o7777).toString(8)} ${uid}:${gid} ${readFileSync(join(path, name), "utf8")}`;
  });
}

test("the script, plain or fakechrooted, and the source make the same files", async () => {
  const expected = [
    "etc/passwd 644 0:0 root:x:0:0::/root:/bin/sh\n",
    "etc/shadow 640 0:0 root:!x:::::::\n",
    "etc/group 644 0:0 root:x:0:\n",
    "etc/gshadow 640 0:0 root:x::\n",
    `etc/pam.d/other 644 0:0 account sufficient pam_unix.so\nauth sufficient pam_rootok.so
password requisite pam_unix.so nullok yescrypt\nsession required pam_unix.so\n`,
    "etc/login.defs 644 0:0 ",
  ];
  assert.equal(shown(await buildRoot(shadowFiles())), expected);
  assert.equal(shown(await buildRoot([], { fakeRootCommands: shadowSetup })), expected);
  assert.equal(shown(await buildRoot(tools(), { fakeRootCommands: shadowSetup, enableFakechroot: true })), expected);
});

test("useradd, groupadd and su work on them; passwd, pwck and grpck find nothing wrong", async () => {
  const root = await buildRoot([shadowFiles(), tools(), binSh({ from: elf({ files: "bash" }) })]);
  assert.match(root.run(["/usr/bin/passwd", "-S", "root"]), /^root L /);
  root.run(["/usr/sbin/groupadd", "-r", "redis"]);
  root.run(["/usr/sbin/useradd", "-r", "-g", "redis", "-d", "/data", "-s", "/bin/sh", "redis"]);
  assert.match(root.run(["/usr/bin/passwd", "-S", "redis"]), /^redis L /);
  assert.match(root.run(["/usr/bin/su", "redis", "-c", "id -un"]), /^redis$/m);
  root.run(["/usr/sbin/grpck", "-r"]);
  // /root and /data are not there, which is all that pwck has to say.
  const said = root.run(["/bin/sh", "-c", "pwck -r 2>&1 || true"]);
  assert.equal(
    said.split("\n").filter((line) => line !== "" && !/directory '.*' does not exist|no changes/.test(line)),
    [],
  );
});

test("a script in dockerTools' manner makes a user under fakechroot", async () => {
  const script = `${shadowSetup}groupadd -r redis\nuseradd -r -g redis -d /data redis\nmkdir /data\nchown redis:redis /data\n`;
  const withChown = elf({ files: [requireTool("chown")] });
  const { path } = await buildRoot([tools(), withChown], { fakeRootCommands: script, enableFakechroot: true });
  assert.match(readFileSync(join(path, "etc/passwd"), "utf8"), /^redis:x:\d+:\d+::\/data:/m);
  assert.ok(lstatSync(join(path, "data")).uid > 0);
});

test("what is there stays: only where passwd, group or one of the others is missing, something is made", async () => {
  const { path } = await buildRoot([
    shadowFiles({ passwordHash: "sha512" }),
    text("/etc/passwd", "root:x:0:0::/:/bin/x\n"),
    text("/etc/login.defs", "UMASK 022\n"),
  ]);
  const file = (name: string) => readFileSync(join(path, name), "utf8");
  assert.is(file("etc/passwd"), "root:x:0:0::/:/bin/x\n");
  assert.is(lstatSync(join(path, "etc/shadow"), { throwIfNoEntry: false }), undefined);
  assert.is(file("etc/gshadow"), "root:x::\n");
  assert.is(file("etc/login.defs"), "UMASK 022\n");
  assert.match(file("etc/pam.d/other"), "nullok sha512\n");
});

test("together with fakeNss there is a warning, in both forms", async () => {
  for (const root of [
    await buildRoot([fakeNss(), shadowFiles()]),
    await buildRoot(fakeNss(), { fakeRootCommands: `${shadowSetup}\n:` }),
  ]) {
    assert.is(root.warnings.length, 1);
    assert.match(root.warnings[0]!, /^W_SHADOW_SETUP t: fakeNss.*\/etc\/shadow; Leave fakeNss/);
  }
});

test.run();
