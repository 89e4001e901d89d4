/** What becomes of a folder to which an image is added: what is in it stays, and what is no layout is left alone. */
import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { digestOf, type ImageDslError } from "../../../core/index.ts";
import { ownOwner } from "../../../core/store/owner.ts";
import { writeLayout } from "../../../plugins/oci-layout/directory.ts";
import { requireTool, suite, tmp } from "../../harness.ts";
import { context, target } from "./targets.ts";

const test = suite("oci-layout/directory");

const REF = "org.opencontainers.image.ref.name";

type Index = Record<string, unknown> & {
  readonly manifests: readonly { readonly digest: string; readonly annotations?: Record<string, string> }[];
};

const write = (directory: string, ...targets: Parameters<typeof writeLayout>[1]) =>
  writeLayout(directory, targets, { path: directory }, context);

function index(directory: string): Index {
  return JSON.parse(readFileSync(join(directory, "index.json"), "utf8")) as Index;
}

function names(directory: string): unknown[] {
  return index(directory).manifests.map(({ annotations }) => annotations?.[REF]);
}

function blobFile(directory: string, text: string): string {
  return join(directory, "blobs/sha256", digestOf(text).slice("sha256:".length));
}

/** All there is below a folder, with the bytes of files. */
function contents(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return `${path} ${entry.isFile() ? readFileSync(path, "latin1") : "no file"}`;
    })
    .sort();
}

/** The error's message; it must be `E_OUTPUT`. */
async function refusal(work: Promise<void>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: ImageDslError) => thrown,
  );
  assert.is(error?.code, "E_OUTPUT", error?.message ?? "nothing was refused");
  return error!.message;
}

test("a second image is added beside the first, and one of a name that is there takes its place", async () => {
  const layout = join(tmp(), "new/layout");
  await write(layout, target("a:1", "one"));
  await write(layout, target("b:1", "two"));
  assert.equal(names(layout), ["a:1", "b:1"]);
  await write(layout, target("a:1", "three"));
  assert.equal(names(layout), ["b:1", "a:1"]);
  for (const text of ["one", "two", "three"]) assert.is(readFileSync(blobFile(layout, text), "utf8"), text);
});

test("what others wrote into index.json stays, whatever it is", async () => {
  const layout = join(tmp(), "layout");
  await write(layout, target("a:1", "one"));
  const foreign = {
    mediaType: "application/vnd.example.thing+json",
    digest: `sha512:${"0".repeat(128)}`,
    size: 3,
    urls: ["https://example.org/thing"],
    annotations: { [REF]: "thing" },
    "vnd.example.more": [1, { deep: null }],
  };
  const before = { ...index(layout), annotations: { of: "the index" }, "vnd.example.own": { a: [0.5, true] } };
  writeFileSync(join(layout, "index.json"), JSON.stringify({ ...before, manifests: [foreign, ...before.manifests] }));
  await write(layout, target("b:1", "two"));
  const after = index(layout);
  assert.equal({ ...after, manifests: [] }, { ...before, manifests: [] });
  assert.equal(after.manifests[0], foreign);
  assert.equal(names(layout), ["thing", "a:1", "b:1"]);
});

test("a layer that is there is not read, one that is damaged or a link is written again", async () => {
  const outside = join(tmp(), "outside");
  writeFileSync(outside, "layer");
  const damages: Readonly<Record<string, (file: string) => void>> = {
    nothing: () => {},
    truncated: (file) => truncateSync(file, 2),
    "changed, of the same size": (file) => writeFileSync(file, "LAYER"),
    "a link": (file) => {
      renameSync(file, `${outside}.moved`);
      symlinkSync(outside, file);
    },
  };
  for (const [what, damage] of Object.entries(damages)) {
    const layout = join(tmp(), "layout");
    await write(layout, target("a:1", "layer"));
    damage(blobFile(layout, "layer"));
    const again = target("a:1", "layer");
    await write(layout, again);
    assert.is(again.reads(), what === "nothing" ? 0 : 1, what);
    assert.is(readFileSync(blobFile(layout, "layer"), "utf8"), "layer", what);
    assert.ok(lstatSync(blobFile(layout, "layer")).isFile(), what);
  }
  assert.is(readFileSync(outside, "utf8"), "layer");
});

test("two images of one name are refused, and the index is as it was", async () => {
  const layout = join(tmp(), "layout");
  await write(layout, target("a:1", "one"));
  const before = readFileSync(join(layout, "index.json"), "utf8");
  const error = await write(layout, target("b:1", "two"), target("b:1", "three")).catch((thrown: Error) => thrown);
  assert.match((error as Error).message, /Two images of one layout would have the name b:1/);
  assert.is(readFileSync(join(layout, "index.json"), "utf8"), before);
  // The same image twice is one.
  await write(layout, target("c:1", "four"), target("c:1", "four"));
  assert.equal(names(layout), ["a:1", "c:1"]);
});

/** By what is there: how it is made, and what the error says of it. */
const UNFIT: Readonly<Record<string, readonly [(layout: string) => void, RegExp]>> = {
  "a folder with other files": [
    (layout) => {
      mkdirSync(layout);
      writeFileSync(join(layout, "letter.txt"), "dear all");
    },
    /neither empty nor an OCI layout/,
  ],
  "a file": [(layout) => writeFileSync(layout, "a file"), /Cannot write .*layout/],
  "a layout of version 2": [
    (layout) => {
      mkdirSync(layout);
      writeFileSync(join(layout, "oci-layout"), `{"imageLayoutVersion":"2.0.0"}`);
    },
    /a layout of another version than 1/,
  ],
  "a version that is none": [
    (layout) => {
      mkdirSync(layout);
      writeFileSync(join(layout, "oci-layout"), `{"imageLayoutVersion":1}`);
    },
    /oci-layout says no version/,
  ],
  "an index.json of no JSON": [made("index.json", "<html>"), /index.json is no JSON/],
  "an index.json with a key twice": [
    made("index.json", '{"schemaVersion":2,"manifests":[],"manifests":[]}'),
    /index.json has a key twice/,
  ],
  "an index.json that is a manifest": [made("index.json", `{"schemaVersion":2,"layers":[]}`), /no index of images/],
  "an index.json of another schema": [made("index.json", `{"schemaVersion":1,"manifests":[]}`), /no index of images/],
  "an index.json with a number beyond all": [
    made("index.json", `{"schemaVersion":2,"manifests":[],"x":1e999}`),
    /numbers that cannot be kept/,
  ],
  "an index.json with more digits than are kept": [
    made("index.json", `{"schemaVersion":2,"manifests":[],"x":9007199254740993}`),
    /numbers that cannot be kept/,
  ],
  "an index.json that leads elsewhere": [linked("index.json"), /its index.json is a symbolic link/],
  "an oci-layout that leads elsewhere": [linked("oci-layout"), /its oci-layout is a symbolic link/],
  "blobs that lead elsewhere": [linked("blobs"), /its blobs is a symbolic link/],
  "blobs/sha256 that leads elsewhere": [linked("blobs/sha256"), /its blobs\/sha256 is a symbolic link/],
  "blobs that are a file": [
    (layout) => {
      mkdirSync(layout);
      writeFileSync(join(layout, "oci-layout"), `{"imageLayoutVersion":"1.0.0"}`);
      writeFileSync(join(layout, "blobs"), "");
    },
    /its blobs is a regular file/,
  ],
};

/** A layout, one of whose files holds another text. */
function made(name: string, text: string): (layout: string) => Promise<void> {
  return async (layout) => {
    await write(layout, target("a:1", "one"));
    writeFileSync(join(layout, name), text);
  };
}

/** A layout, one of whose files or folders is a link to where it was moved. */
function linked(name: string): (layout: string) => Promise<void> {
  return async (layout) => {
    await write(layout, target("a:1", "one"));
    renameSync(join(layout, name), `${layout}.moved`);
    symlinkSync(`${layout}.moved`, join(layout, name));
  };
}

for (const [what, [make, message]] of Object.entries(UNFIT)) {
  test(`${what} is refused, with the reason, and left as it was`, async () => {
    const folder = tmp();
    const layout = join(folder, "layout");
    await make(layout);
    const before = contents(folder);
    assert.match(await refusal(write(layout, target("b:1", "two"))), message);
    assert.equal(contents(folder), before);
  });
}

test("an index.json that is a pipe is not waited for", async () => {
  const layout = join(tmp(), "layout");
  mkdirSync(layout);
  writeFileSync(join(layout, "oci-layout"), `{"imageLayoutVersion":"1.0.0"}`);
  execFileSync(requireTool("mkfifo"), [join(layout, "index.json")]);
  assert.match(await refusal(write(layout, target("b:1", "two"))), /its index.json is a FIFO/);
});

test("what a killed build left is gone after the next, what another one writes is not, and its lock is taken", async () => {
  const layout = join(tmp(), "layout");
  await write(layout, target("a:1", "one"));
  const [namespace, pid, start] = ownOwner().split("-");
  const inBlobs = (name: string) => join(layout, "blobs", name);
  const dead = inBlobs(`file.${namespace}-${pid}-1.1-abc`);
  const living = inBlobs(`file.${namespace}-${pid}-${start}.1-abc`);
  for (const file of [dead, living]) writeFileSync(file, "half a bl");
  mkdirSync(inBlobs("index.lock"));
  writeFileSync(inBlobs(`index.lock/holder.${namespace}-${pid}-1.1-abc`), "");
  await write(layout, target("b:1", "two"));
  assert.equal(names(layout), ["a:1", "b:1"]);
  assert.not.ok(existsSync(dead));
  assert.ok(existsSync(living));
  assert.equal(readdirSync(join(layout, "blobs")).length, 2);
});

test("builds that write at once lose nothing, into a new folder too", async () => {
  const layout = join(tmp(), "layout");
  const references = Array.from({ length: 20 }, (_, number) => `image-${number}:1`);
  await Promise.all(references.map((reference) => write(layout, target(reference, reference))));
  assert.equal(names(layout).sort(), references.toSorted());
  assert.equal(readdirSync(layout).sort(), ["blobs", "index.json", "oci-layout"]);
  assert.equal(readdirSync(join(layout, "blobs")), ["sha256"]);
});

test("a layer whose digest nobody knows is written under the one that it turns out to have", async () => {
  const layout = join(tmp(), "layout");
  const unknown = target("a:1", "made just now", false);
  await write(layout, unknown);
  assert.is(unknown.reads(), 1);
  assert.is(readFileSync(blobFile(layout, "made just now"), "utf8"), "made just now");
});

test.run();
