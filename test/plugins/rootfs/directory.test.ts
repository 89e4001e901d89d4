import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import {
  FileTree,
  inlineFile,
  isRoot,
  treePath,
  type BuildContext,
  type BuildEvent,
  type Entry,
  type ImageDslError,
} from "../../../core/index.ts";
import type { OutputDefinition } from "../../../core/pipeline/hooks.ts";
import { writeDirectory } from "../../../plugins/rootfs/directory.ts";
import { rootfsPlugin } from "../../../plugins/rootfs/index.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("plugins/rootfs");

const meta = { uid: 0, gid: 0, mtime: 5 };
const bytes = Buffer.from("x");
const TREE = FileTree.of([
  { ...meta, type: "directory", path: treePath("closed"), mode: 0o500 },
  { ...meta, type: "file", path: treePath("closed/file"), mode: 0o4755, size: 1, content: { kind: "inline", bytes } },
  { ...meta, type: "hardlink", path: treePath("closed/second"), mode: 0o4755, target: treePath("closed/file") },
  { ...meta, type: "symlink", path: treePath("link"), mode: 0o777, target: "/closed/file" },
  { ...meta, type: "character", path: treePath("null"), mode: 0o666, major: 1, minor: 3 },
] satisfies Entry[]);

function contextWith(events: BuildEvent[]): BuildContext {
  return { emit: (event: BuildEvent) => void events.push(event) } as unknown as BuildContext;
}

test("modes, times, links and content are those of the tree; what cannot be made is said", async () => {
  const events: BuildEvent[] = [];
  const path = join(tmp(), "deep/root");
  mkdirSync(join(path, ".."), { recursive: true });
  await writeDirectory(path, TREE, contextWith(events));
  assert.is(lstatSync(join(path, "closed")).mode & 0o7777, 0o500);
  const file = lstatSync(join(path, "closed/file"));
  assert.is(file.mode & 0o7777, 0o4755);
  assert.is(file.mtimeMs, 5000);
  assert.is(file.ino, lstatSync(join(path, "closed/second")).ino);
  assert.is(readFileSync(join(path, "closed/second"), "utf8"), "x");
  assert.is(readlinkSync(join(path, "link")), "/closed/file");
  assert.not.ok(existsSync(join(path, "null")));
  const warning = events.find((event) => event.type === "warning");
  assert.match(warning?.type === "warning" ? warning.message : "", "lacks 1 special files, which");
});

test("the directory itself is open to readers whatever the umask is", async () => {
  const path = join(tmp(), "root");
  const before = process.umask(0o077);
  try {
    await writeDirectory(path, TREE, contextWith([]));
  } finally {
    process.umask(before);
  }
  assert.is(lstatSync(path).mode & 0o7777, 0o755);
});

test("extended attributes that are lost are counted", async () => {
  const events: BuildEvent[] = [];
  const capable = inlineFile(treePath("ping"), bytes, { xattrs: { "security.capability": "x" } });
  await writeDirectory(join(tmp(), "root"), FileTree.of([capable]), contextWith(events));
  const messages = events.map((event) => (event.type === "warning" ? event.message : ""));
  assert.is(messages.length, 1);
  assert.match(messages[0]!, "lacks extended attributes of 1 files, which");
  assert.not.match(messages[0]!, "special");
});

test("a path that the disk does not take is told as the output's, not as a script's", async () => {
  // Short enough for an image, and too long below a folder of the host.
  const long = FileTree.of([inlineFile(treePath(`${"n".repeat(200)}/`.repeat(20) + "n".repeat(60)), bytes)]);
  const error = (await writeDirectory(join(tmp(), "root"), long, contextWith([])).catch(
    (thrown: unknown) => thrown,
  )) as ImageDslError;
  assert.is(error.code, "E_OUTPUT");
  assert.not.match(`${error.message} ${error.hint}`, /script|IMAGE_DSL_CACHE/);
});

test("owners are set where root writes it", async () => {
  if (!isRoot()) return;
  const path = join(tmp(), "root");
  const owned = FileTree.of([{ ...meta, type: "directory", path: treePath("d"), mode: 0o755, uid: 100, gid: 101 }]);
  await writeDirectory(path, owned, contextWith([]));
  const { uid, gid } = lstatSync(join(path, "d"));
  assert.equal([uid, gid], [100, 101]);
});

test("what is there already stays untouched", async () => {
  const folder = tmp();
  writeFileSync(join(folder, "mine"), "mine");
  for (const path of [folder, join(folder, "mine")]) {
    const error = (await writeDirectory(path, TREE, contextWith([])).catch(
      (thrown: unknown) => thrown,
    )) as ImageDslError;
    assert.is(error.code, "E_OUTPUT");
  }
  assert.is(readFileSync(join(folder, "mine"), "utf8"), "mine");
});

test("a folder that is not empty is refused before anything is built, an empty or missing one is not", () => {
  const [{ check }] = rootfsPlugin.outputs as readonly [OutputDefinition];
  const folder = tmp();
  const refusal = (rest: string): string | undefined => {
    try {
      check?.({ transport: "rootfs", rest, text: `rootfs:${rest}` }, 1);
    } catch (error) {
      return (error as ImageDslError).code;
    }
    return undefined;
  };
  assert.is(refusal(folder), undefined);
  assert.is(refusal(join(folder, "new/er")), undefined);
  writeFileSync(join(folder, "mine"), "mine");
  symlinkSync("nowhere", join(folder, "link"));
  assert.is(refusal(folder), "E_OUTPUT");
  assert.is(refusal(join(folder, "mine")), "E_OUTPUT");
  assert.is(refusal(join(folder, "link")), "E_OUTPUT");
  writeFileSync(join(folder, "old.tar"), "");
  assert.is(refusal(join(folder, "old.tar")), undefined);
});

test.run();
