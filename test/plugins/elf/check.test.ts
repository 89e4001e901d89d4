/** Shared objects that a container could not load, in images of every source. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { ImageDslError, type BuildEvent } from "../../../core/index.ts";
import { buildLayeredImage, elf, files, type LayeredImageOptions } from "../../../plugins/index.ts";
import { build, type ProgramOptions } from "../../../plugins/program.ts";
import { makeElf, type ElfFixture } from "../../core/format/elf-fixture.ts";
import { dockerArchive, layerTars } from "../../fixtures/base-images/archives.ts";
import type { Member } from "../../fixtures/base-images/tar.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("elf/check");

type Content = ElfFixture | string | { readonly link: string };

const LIBC: ElfFixture = { soname: "libc.so.6" };
const ARM64 = 183;
const I386: ElfFixture = { machine: 3, bits: 32 };

function folderOf(contents: Readonly<Record<string, Content>>): string {
  const folder = tmp();
  for (const [path, content] of Object.entries(contents)) {
    const place = join(folder, path);
    mkdirSync(dirname(place), { recursive: true });
    if (typeof content === "object" && "link" in content) symlinkSync(content.link, place);
    else writeFileSync(place, typeof content === "string" ? Buffer.from(content, "latin1") : makeElf(content));
  }
  return folder;
}

async function toldOf(options: Partial<LayeredImageOptions>, more: ProgramOptions = {}): Promise<readonly string[]> {
  const findings: string[] = [];
  const onEvent = (event: BuildEvent) => {
    if (event.type === "warning" && event.code.startsWith("W_LIBRARY"))
      findings.push(`${event.code} ${event.message.replace(/^\w+: /, "")}`);
  };
  const image = buildLayeredImage({ name: "t", config: { Cmd: ["/x"] }, ...options });
  await build(
    { images: { t: image }, platforms: ["linux/amd64"] },
    { outputs: ["digest"], store: tmp(), onEvent, ...more },
  );
  return findings;
}

/** The warnings for an image of these files. */
const told = (contents: Readonly<Record<string, Content>>): Promise<readonly string[]> =>
  toldOf({ contents: [files(folderOf(contents))] });

test("a library that is nowhere in the image is told with who needs it; one that is there under any name is not", async () => {
  const addon = { needed: ["libvips.so.42", "libc.so.6"] };
  const base = { "usr/lib/libc.so.6": LIBC, "app/node_modules/a/build/Release/a.node": addon };
  assert.equal(await told(base), [
    "W_LIBRARY_MISSING /app/node_modules/a/build/Release/a.node needs libvips.so.42, which is not in the image",
  ]);
  for (const [what, there] of Object.entries<Readonly<Record<string, Content>>>({
    "by its name": { "opt/x/libvips.so.42": {} },
    "by its soname": { "opt/x/libvips-cpp.so": { soname: "libvips.so.42" } },
    "by a link": { "opt/x/v.bin": {}, "opt/libvips.so.42": { link: "x/v.bin" } },
  })) {
    assert.equal(await told({ ...base, ...there }), [], what);
  }
  for (const [what, there] of Object.entries<Readonly<Record<string, Content>>>({
    "for another machine": { "opt/libvips.so.42": { machine: ARM64 } },
    "a dangling link": { "opt/libvips.so.42": { link: "nowhere" } },
    "no library": { "opt/libvips.so.42": "INPUT(libvips.so)" },
  })) {
    assert.ok(
      (await told({ ...base, ...there })).some((line) => line.includes("a.node needs libvips.so.42")),
      what,
    );
  }
});

test("every kind of shared object is looked at, and each missing library told once", async () => {
  const object = { needed: ["libgone.so.1"] };
  const contents = Object.fromEntries(
    [
      "app/a.node",
      "app/b.so",
      "app/c.so.1.2",
      "app/d.cpython-311-x86_64-linux-gnu.so",
      "app/program",
      "app/e.so.txt",
    ].map((path) => [path, object]),
  );
  assert.equal(await told(contents), [
    "W_LIBRARY_MISSING /app/a.node, /app/b.so, /app/c.so.1.2 and 1 more need libgone.so.1, which is not in the image",
  ]);
});

test("a file for another machine or system is told where the target would choose it", async () => {
  const release = "app/node_modules/x/build/Release/x.node";
  assert.equal(await told({ [release]: { machine: ARM64 } }), [
    `W_LIBRARY_PLATFORM /${release} is for arm64, but the image is for linux/amd64`,
  ]);
  for (const [magic, system] of [
    ["\xcf\xfa\xed\xfe", "macOS"],
    ["\xca\xfe\xba\xbe", "macOS"],
    ["MZ\x90\0", "Windows"],
  ]) {
    assert.equal(await told({ [release]: `${magic}${"\0".repeat(100)}` }), [
      `W_LIBRARY_PLATFORM /${release} is for ${system}, but the image is for linux/amd64`,
    ]);
  }
});

test("builds for other platforms beside the target's, firmware, BPF and what debuggers read are no fault", async () => {
  const foreign = { machine: ARM64, needed: ["libgone.so"] };
  const alien = `\xcf\xfa\xed\xfe${"\0".repeat(100)}`;
  const quiet: Readonly<Record<string, Content>> = {
    "app/node_modules/a/prebuilds/linux-arm64/node.napi.node": foreign,
    "app/node_modules/a/prebuilds/darwin-x64+arm64/node.napi.node": alien,
    "app/node_modules/a/prebuilds/win32-x64/node.napi.node": "MZ\0\0",
    "app/node_modules/a/prebuilds/linux-x64/node.napi.musl.node": { needed: ["libc.musl-x86_64.so.1"] },
    "app/node_modules/a/prebuilds/linux-ia32/node.napi.node": I386,
    "app/node_modules/@img/sharp-linux-arm64/lib/sharp-linux-arm64.node": foreign,
    "app/node_modules/@img/sharp-linuxmusl-x64/lib/sharp-linuxmusl-x64.node": { needed: ["libc.musl-x86_64.so.1"] },
    "app/node_modules/b/b.linux-arm64-gnu.node": foreign,
    "app/node_modules/b/b.android-arm64.node": foreign,
    "app/node_modules/c/bin/napi-v3/darwin/arm64/c.node": alien,
    "usr/lib/firmware/qcom/dsp.so": { machine: 164, needed: ["libgone.so"] },
    "lib/firmware/arm.so": foreign,
    "usr/lib/debug/lib/x.so": { needed: ["libgone.so"] },
    "usr/lib/aarch64-linux-gnu/libx.so.1": foreign,
    "opt/probe.so": { machine: 247, needed: ["libgone.so"] },
    "opt/damaged.so": "\x7fELF\x02\x01\x01",
    "opt/script.so": "GROUP ( /lib/libc.so.6 )",
    "opt/static.so": { dynamic: false },
    "opt/empty.node": "",
    "usr/lib/libc.so.6": LIBC,
    "opt/driver.so": { needed: ["libcuda.so.1", "libnvidia-ml.so.1", "libc.so.6"] },
  };
  assert.equal(await told(quiet), []);
  const own = { needed: ["libgone.so"] };
  for (const path of [
    "app/node_modules/a/prebuilds/linux-x64/node.napi.node",
    "app/node_modules/b/b.linux-x64-gnu.node",
    "app/node_modules/@img/sharp-linux-x64/lib/sharp-linux-x64.node",
    "usr/lib/x86_64-linux-gnu/libx.so.1",
  ]) {
    assert.equal(await told({ ...quiet, [path]: own }), [
      `W_LIBRARY_MISSING /${path} needs libgone.so, which is not in the image`,
    ]);
  }
});

test("what was built for the other C library is told, and each C library's own is at home", async () => {
  const musl = { needed: ["libc.musl-x86_64.so.1", "libpthread.so.0", "libdl.so"] };
  const addon = "app/build/Release/a.node";
  const told0 = await told({ "usr/lib/libc.so.6": LIBC, [addon]: { needed: ["libc.musl-x86_64.so.1"] } });
  assert.equal(told0, [`W_LIBRARY_MISSING /${addon} needs libc.musl-x86_64.so.1, which is not in the image`]);
  const alpine: Readonly<Record<string, Content>> = {
    "lib/ld-musl-x86_64.so.1": {},
    "lib/libc.musl-x86_64.so.1": { link: "ld-musl-x86_64.so.1" },
  };
  assert.equal(await told({ ...alpine, [addon]: musl }), []);
  assert.equal(await told({ ...alpine, "app/prebuilds/linux-x64-musl/a.node": musl }), []);
  assert.equal(await told({ ...alpine, "app/prebuilds/linux-x64-glibc/a.node": { needed: ["libc.so.6"] } }), []);
  assert.equal(await told({ ...alpine, [addon]: { needed: ["libm.so.6", "libgone.so.1"] } }), [
    `W_LIBRARY_MISSING /${addon} needs libgone.so.1, which is not in the image`,
  ]);
});

test("32-bit objects need 32-bit libraries", async () => {
  const program = { ...I386, needed: ["libc.so.6"] };
  assert.equal(await told({ "usr/lib/libc.so.6": LIBC, "opt/old.so": program }), [
    "W_LIBRARY_MISSING /opt/old.so needs libc.so.6, which is not in the image",
  ]);
  assert.equal(await told({ "usr/lib32/libc.so.6": { ...I386, ...LIBC }, "opt/old.so": program }), []);
});

test("what was built for a newer glibc than the image's is told, one C library for all", async () => {
  const addon = (neededVersion: string) => ({ needed: ["libc.so.6"], neededVersion });
  const libc = { ...LIBC, definedVersion: "GLIBC_2.36" };
  const files = { "app/a.node": addon("GLIBC_2.38"), "app/b.node": addon("GLIBC_2.9") };
  assert.equal(await told({ ...files, "usr/lib/libc.so.6": libc }), [
    "W_LIBRARY_GLIBC /app/a.node needs glibc 2.38, but the image has glibc 2.36",
  ]);
  assert.equal(await told({ ...files, "usr/lib/libc.so.6": { ...libc, definedVersion: "GLIBC_2.38" } }), []);
});

test("an image or an elf() that is strict makes them one error", async () => {
  const folder = folderOf({
    "app/a.node": { needed: ["libgone.so.1"] },
    "root/opt/tool.so": {},
    "app/b.node": { machine: ARM64 },
  });
  const contents = [files(join(folder, "app"))];
  const tool = (strict: boolean) => elf({ files: "/opt/tool.so", root: join(folder, "root"), strict });
  for (const options of [{ contents, strict: true }, { contents: [...contents, tool(true)] }]) {
    const error = await toldOf(options).catch((thrown: unknown) => thrown);
    assert.instance(error, ImageDslError);
    const { code, message, place } = error as ImageDslError;
    assert.equal([code, place], ["E_IMAGE_CHECK", { path: "images.t" }]);
    assert.match(message, /things[^]*b\.node is for arm64[^]*a\.node needs libgone\.so\.1/);
  }
  assert.is((await toldOf({ contents: [...contents, tool(false)] })).length, 2);
});

test("scripts and bases count, what is built on an image counts with it, and the second build says the same", async () => {
  const folder = folderOf({ "a.node": { needed: ["liblate.so"] }, "liblate.so": {} });
  const layer: Member[] = [{ path: "opt/a.node", host: join(folder, "a.node") }];
  const archived = dockerArchive(join(tmp(), "x.tar"), { layers: layerTars(tmp(), [layer]) });
  const late = files(join(folder, "liblate.so"), { dest: "/opt" });
  const expected = ["W_LIBRARY_MISSING /opt/a.node needs liblate.so, which is not in the image"];
  const store = tmp();
  for (const round of [1, 2]) assert.equal(await toldOf({ fromImage: archived }, { store }), expected, `${round}`);
  assert.equal(await toldOf({ fromImage: archived, contents: late }, { store }), []);
  const base = buildLayeredImage({ name: "base", contents: files(join(folder, "a.node"), { dest: "/opt" }) });
  assert.equal(await toldOf({ fromImage: base, contents: late }, { store }), []);
  assert.equal(await toldOf({ fromImage: base }, { store }), expected);
  const gone = {
    contents: [late, files(join(folder, "a.node"), { dest: "/opt" })],
    extraCommands: "rm opt/liblate.so",
  };
  assert.equal(await toldOf(gone, { store }), expected);
});

test.run();
