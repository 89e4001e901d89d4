// @runtimes node
/** In which order a kernel's modules are loaded, by what their files say. */
import * as assert from "uvu/assert";
import { FileTree, inlineFile, treePath } from "../../../core/index.ts";
import { moduleOrder, moduleReader } from "../../../plugins/vm/guest/modules.ts";
import { suite } from "../../harness.ts";

const test = suite("vm/modules");

const RELEASE = "6.1.0-test";

/** Files of a kernel by their paths, each with the texts of its `.modinfo`. */
function reader(modules: Readonly<Record<string, string>>, builtIn = "") {
  const files = Object.entries(modules).map(([path, info]) => {
    const texts = ["", ...info.split("|"), `vermagic=${RELEASE} SMP mod_unload`, ""];
    return inlineFile(treePath(`kernel/${path}.ko`), Buffer.from(texts.join("\0")));
  });
  const list = inlineFile(treePath("modules.builtin.modinfo"), Buffer.from(builtIn));
  return moduleReader(FileTree.of([...files, list]), RELEASE);
}

async function order(modules: ReturnType<typeof reader>, ...wanted: readonly string[]): Promise<readonly string[]> {
  return [...(await moduleOrder(wanted, modules)).keys()];
}

test("what a module depends on comes first, once; what has no file is built in", async () => {
  const modules = reader({
    "fs/erofs": "depends=lib-crc,built_in",
    "lib/lib-crc": "depends=",
    "net/a": "depends=lib_crc",
  });
  assert.equal(await order(modules, "erofs", "a"), ["lib_crc", "erofs", "a"]);
});

const CHECKSUM = {
  "fs/erofs": "depends=libcrc32c",
  "lib/libcrc32c": "depends=|softdep=pre: crc32c post: later",
  "fs/other": "alias=crc32c|depends=",
  "lib/later": "depends=",
};

test("what it asks for softly comes before it: by its name, or as whoever can do that", async () => {
  const named = reader({ ...CHECKSUM, "lib/crc32c": "depends=" });
  assert.equal(await order(named, "erofs"), ["crc32c", "libcrc32c", "erofs"]);
  const crypto = { "crypto/crc32c_generic": "alias=crypto-crc32c|alias=crc32c|depends=" };
  assert.equal(await order(reader({ ...CHECKSUM, ...crypto }), "erofs"), ["crc32c_generic", "libcrc32c", "erofs"]);
  const builtIn = reader({ ...CHECKSUM, ...crypto }, "crc32c_generic.alias=crc32c\0");
  assert.equal(await order(builtIn, "erofs"), ["libcrc32c", "erofs"]);
});

test("modules that ask for each other softly are loaded; those that depend on each other are refused", async () => {
  const softly = reader({ a: "softdep=pre: b|depends=", b: "softdep=pre: a|depends=" });
  assert.equal(await order(softly, "a"), ["b", "a"]);
  await refused(() => order(reader({ a: "depends=b", b: "depends=a" }), "a"), /need each other: a/);
});

test("another kernel's module is refused", async () => {
  const other = inlineFile(treePath("a.ko"), Buffer.from("\0vermagic=6.2.0 SMP\0"));
  await refused(
    () => order(moduleReader(FileTree.of([other]), RELEASE), "a"),
    /Linux 6\.1\.0-test, its module a of Linux 6\.2\.0/,
  );
});

async function refused(work: () => Promise<unknown>, message: RegExp): Promise<void> {
  const error = await work().then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  assert.match(error?.message ?? "nothing", message);
}

test.run();
