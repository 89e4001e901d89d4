// @timeout 240
/** What extraCommands and fakeRootCommands reach with `sandbox: true`. */
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import {
  FileTree,
  type ImageDslError,
  readWhole,
  treePathFromBytes,
  type Plugin,
  type Script,
} from "../../../core/index.ts";
import { fakerootPlugin } from "../../../plugins/fakeroot/index.ts";
import { hostScriptPlugin } from "../../../plugins/host-script/index.ts";
import { text as textSource } from "../../../plugins/index.ts";
import { requireTool, suite, tmp } from "../../harness.ts";
import { file, stage } from "./script-fixture.ts";

const test = suite("run/sandbox", { timeout: 60_000 });
test.before(() => void requireTool("fakeroot", "bwrap"));

const TREE = FileTree.of([
  file("etc/passwd", "root:x:0:0::/root:/bin/sh\ngames:x:777:778:Games:/srv:/bin/false\n"),
  file("etc/group", "root:x:0:\ngames:x:778:\n"),
  file("a", "of the image\n"),
]);

const linesOf = (tree: FileTree, path: string): readonly string[] => {
  const found = tree.get(treePathFromBytes(path));
  assert.is(found?.type, "file", path);
  return Buffer.from(readWhole(found as never))
    .toString()
    .trim()
    .split("\n");
};
const failure = (work: Promise<unknown>): Promise<ImageDslError> =>
  work.then(
    () => assert.unreachable("It did not fail"),
    (error: unknown) => error as ImageDslError,
  ) as Promise<ImageDslError>;

const RUNNERS: readonly (readonly [kind: string, plugin: Plugin])[] = [
  ["host", hostScriptPlugin],
  ["fakeroot", fakerootPlugin],
];

/** So that a text which looks for it is not what is found. */
const apart = (text: string) => `${text.slice(0, 3)}""${text.slice(3)}`;

for (const [kind, plugin] of RUNNERS) {
  test(`the tree, the system, the image's names, and nothing else of the machine: ${kind}`, async () => {
    const folder = tmp();
    writeFileSync(join(folder, "secret"), "canary-of-a-file");
    process.env["SANDBOX_CANARY"] = "canary-of-the-caller";
    const it = await stage(plugin, kind);
    const outside = [
      join(folder, "secret"),
      it.directory,
      homedir(),
      "/etc/shadow",
      "/etc/hostname",
      "/var",
      "/run",
      "/sys",
    ];
    const look = `
      cat a
      for path in ${outside.map(apart).join(" ")}; do if test -e $path; then echo "sees $path"; fi; done
      for path in /usr/x /bin/x /etc/x /etc/passwd /x /build/x; do if (echo > $path) 2> /dev/null; then echo "writes $path"; fi; done
      sed -n 's/:.*//p' /proc/net/dev | tr -d ' '
      (cat /proc/1/environ /proc/$PPID/environ /proc/$PPID/cmdline /proc/*/environ /proc/self/root${apart(folder)}/secret || :) 2> /dev/null > seen
      test -s seen; grep -c -a -e ${apart("canary")} -e ${apart(it.directory)} seen || :
      rm seen; echo x | tee $HOME/x $TMPDIR/x > /tmp/sandboxed-script-was-here; hostname; pwd; echo ~games
      ls -d /proc/[0-9]* | wc -l`;
    const [a, ...others] = linesOf(await it.run(`{ ${look}\n} > told`, TREE, { sandbox: true }), "told");
    const processes = Number(others.pop());
    assert.equal([a, ...others], ["of the image", "lo", "0", "build", "/build/out", "/srv"]);
    assert.ok(processes < 10, `${processes} processes`);
    assert.is(existsSync("/tmp/sandboxed-script-was-here"), false);
    assert.equal(it.leftovers(), []);
  });
}

test("fakeroot: owners by the image's names, modes and devices are what they are without a sandbox", async () => {
  const it = await stage(fakerootPlugin, "fakeroot", { sources: () => FileTree.of([file("s", "source\n")]) });
  const text = "chown games:games a; mkdir -m 2750 d; mknod d/null c 1 3; chmod 4755 a; stat -c '%U %a' a > told";
  const script: Script = async ({ $, root, path, id }) => {
    await $`cp ${await path(textSource("/s", ""))}/s ${root}/s; chown ${id("games")} s`;
    await $(Object.assign([text], { raw: [text] }));
  };
  for (const each of [text, script]) {
    const owners = async (sandbox: boolean) =>
      (await it.run(each, TREE, { sandbox }))
        .entries()
        .map((entry) => [
          entry.path,
          entry.type,
          entry.mode,
          entry.uid,
          entry.gid,
          entry.type === "file" ? Buffer.from(readWhole(entry)).toString() : "",
        ]);
    const inside = await owners(true);
    assert.equal(inside, await owners(false));
    assert.ok(inside.some(([path, , mode, uid]) => path === "a" && mode === 0o4755 && uid === 777));
  }
});

test("what asks for the network or an unknown user is told what to do", async () => {
  const it = await stage(hostScriptPlugin, "host");
  const network = await failure(it.run("exec 3<> /dev/tcp/192.0.2.1/80", TREE, { sandbox: true }));
  assert.match(network.hint!, "There is no network in an image's scripts");
  const user = await failure(it.run("chown nobody a", TREE, { sandbox: true }));
  assert.match(user.hint!, "which has root, games");
});

test("where bubblewrap does not work, nothing runs", async () => {
  const bin = tmp();
  writeFileSync(join(bin, "bwrap"), "#!/bin/sh\necho refused >&2; exit 1\n");
  chmodSync(join(bin, "bwrap"), 0o755);
  const { PATH } = process.env;
  process.env["PATH"] = `${bin}:${PATH}`;
  try {
    const it = await stage(hostScriptPlugin, "host");
    const error = await failure(it.run("touch ran", TREE, { sandbox: true, name: "extraCommands" }));
    assert.is(error.code, "E_SANDBOX");
    assert.match(
      error.message,
      'Cannot run script "extraCommands" of "app" in a sandbox, which sandbox: true wants: bubblewrap does not work here (refused)',
    );
    assert.equal(it.events, []);
  } finally {
    process.env["PATH"] = PATH;
  }
});

test.run();
