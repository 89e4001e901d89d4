import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { FileTree, readWhole, treePath, type ImageDslError } from "../../../core/index.ts";
import { hostScriptPlugin } from "../../../plugins/host-script/index.ts";
import { entry, file, passesUnprivileged, stage } from "../../core/run/script-fixture.ts";
import { suite } from "../../harness.ts";

const test = suite("host-script", { timeout: 60_000 });

const TREE = FileTree.of([
  file("etc/owned", "text", { uid: 7, gid: 8, mode: 0o440 }),
  file("bin/su", "program", { mode: 0o4755 }),
  file("etc/secret", "secret", { uid: 7, mode: 0o600 }),
  entry("locked", { type: "directory", mode: 0o555, uid: 3 }),
  file("locked/inside", "x", { mode: 0o444 }),
  entry("dev/null", { type: "character", mode: 0o666, major: 1, minor: 3 }),
]);

const owner = (tree: FileTree, path: string) => {
  const found = tree.get(treePath(path));
  return found && `${found.type} ${found.mode.toString(8)} ${found.uid}:${found.gid}`;
};

test("what is not touched stays the very same, special files too", async () => {
  const it = await stage(hostScriptPlugin, "host");
  const after = await it.run("find . | sort | tr '\\n' ' '", TREE);
  assert.equal(it.lines(), [". ./bin ./bin/su ./dev ./etc ./etc/owned ./etc/secret ./locked ./locked/inside "]);
  assert.equal(
    after.entries().filter((each) => each !== TREE.get(each.path)),
    [],
  );
  assert.is(after.size, TREE.size);
});

test("existing entries keep their owners, new ones are root's, modes are what the script set", async () => {
  const it = await stage(hostScriptPlugin, "host");
  const after = await it.run(
    "echo more >> etc/owned; chmod 755 bin/su; chmod 640 etc/secret; touch new; mkdir -m 750 dir; ln -s x link; touch locked/added; chmod 2755 dir; install -m 4711 new suid; mv locked/inside moved; rm new; touch again; chmod 000 again; chmod 111 dir",
    TREE,
  );
  assert.is(owner(after, "etc/owned"), "file 440 7:8");
  assert.is(Buffer.from(readWhole(after.get(treePath("etc/owned")) as never)).toString(), "textmore\n");
  assert.is(owner(after, "bin/su"), "file 755 0:0");
  assert.is(owner(after, "etc/secret"), "file 640 7:0");
  assert.is(owner(after, "dir"), "directory 2111 0:0");
  assert.is(owner(after, "link"), "symlink 777 0:0");
  assert.is(owner(after, "suid"), "file 4711 0:0");
  assert.is(owner(after, "locked"), "directory 555 3:0");
  assert.is(owner(after, "locked/added"), "file 644 0:0");
  assert.is(owner(after, "locked/inside"), undefined);
  assert.is(owner(after, "again"), "file 0 0:0");
  assert.is(owner(after, "dev/null"), "character 666 0:0");
  assert.equal(it.leftovers(), []);
});

test("what lies deeper than a path can say is refused by the beginning of its path, and removed", async () => {
  const it = await stage(hostScriptPlugin, "host");
  const error = await it.run("for i in $(seq 20); do mkdir $(printf %0250d $i); cd 0*; done", TREE).then(
    () => undefined,
    (cause: ImageDslError) => cause,
  );
  assert.is(error?.code, "E_SCRIPT_FAILED");
  assert.match(error!.message, /^The script left \/0{200}… \(\d{4} bytes\), which lies too deep to be read$/);
  assert.equal(it.leftovers(), []);
});

test("a fifo that the script makes is an entry, and a directory it may not enter itself is read and removed", async () => {
  const it = await stage(hostScriptPlugin, "host");
  const after = await it.run("mkfifo -m 640 pipe; mkdir -p a/b; echo deep > a/b/c; chmod 000 a/b; chmod 555 a", TREE);
  assert.is(owner(after, "pipe"), "fifo 640 0:0");
  assert.is(owner(after, "a/b"), "directory 0 0:0");
  assert.is(owner(after, "a/b/c"), "file 644 0:0");
  assert.equal(it.leftovers(), []);
});

if (process.getuid!() === 0 && process.env["UNPRIVILEGED_RUN"] === undefined) {
  test("all of this as an ordinary user", () => passesUnprivileged(fileURLToPath(import.meta.url)));
}

test.run();
