/** Native code in packages: which of its builds come along, and what is told, or an error, of one that the image cannot load. */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { files, text } from "../../../plugins/index.ts";
import { makeElf } from "../../core/format/elf-fixture.ts";
import { suite, tmp } from "../../harness.ts";
import { buildOf, makeProject, refusalOf } from "./projects.ts";

const test = suite("npm/native");

const [X64, ARM64] = [makeElf(), makeElf({ machine: 183 })];
const MACOS = Buffer.from(`\xcf\xfa\xed\xfe${"\0".repeat(100)}`, "latin1");
const PREBUILDS = {
  "prebuilds/linux-x64/node.napi.node": X64,
  "prebuilds/linux-x64/node.napi.musl.node": X64,
  "prebuilds/linux-arm64/node.napi.node": ARM64,
  "prebuilds/darwin-x64+arm64/node.napi.node": MACOS,
  "prebuilds/README": "",
};
const LOADER = { dependencies: { "node-gyp-build": "^4.8.0" } };

test("builds for other platforms are no fault, and stay away where their loader would never take them", async () => {
  const dir = makeProject({
    loaded: { manifest: LOADER, files: PREBUILDS },
    otherwise: { files: PREBUILDS },
    foreign: { manifest: LOADER, files: { "prebuilds/darwin-arm64/node.napi.node": MACOS } },
  });
  const all = ["README", "darwin-x64+arm64", "linux-arm64", "linux-x64"];
  assert.equal(await buildOf({ dir }, { outputs: [`rootfs:${dir}/whole`] }), []);
  assert.equal(readdirSync(join(dir, "whole/app/node_modules/loaded/prebuilds")).sort(), all);
  for (const [architecture, kept] of [
    ["amd64", "linux-x64"],
    ["arm64", "linux-arm64"],
  ] as const) {
    const options = { dir, prebuilds: "target", dest: `/${architecture}`, architecture } as const;
    assert.equal(await buildOf(options, { outputs: [`rootfs:${dir}/target-${architecture}`] }), []);
    const prebuilds = (name: string): readonly string[] =>
      readdirSync(join(dir, `target-${architecture}`, architecture, "node_modules", name, "prebuilds")).sort();
    assert.equal(prebuilds("loaded"), ["README", kept]);
    assert.equal(prebuilds("otherwise"), all);
    assert.equal(prebuilds("foreign"), ["darwin-arm64"]);
  }
});

test("what cannot be loaded is told, and an error where its source is strict; what others bring is not", async () => {
  const dir = makeProject({ addon: { files: { "build/Release/a.node": ARM64 } } });
  const lib = tmp();
  writeFileSync(join(lib, "b.so"), makeElf({ needed: ["libgone.so.1"] }));
  const beside = [files(lib, { dest: "/opt" })];
  assert.equal(await buildOf({ dir, beside }), [
    "W_LIBRARY_PLATFORM /app/node_modules/addon/build/Release/a.node is for arm64, but the image is for linux/amd64 (addon@1.0.0)",
    "W_LIBRARY_MISSING /opt/b.so needs libgone.so.1, which is not in the image",
  ]);
  const out = join(dir, "never");
  const refused = await refusalOf({ dir, beside, strict: true }, { outputs: [`rootfs:${out}`] });
  assert.match(
    refused,
    /^E_IMAGE_CHECK A source of the image is strict[^]*addon\/build\/Release\/a\.node is for arm64.*\(addon@1\.0\.0\) \(Take a version of/,
  );
  assert.not.match(refused, "libgone");
  assert.match(
    await refusalOf({ dir, beside, strict: true, inBase: true }),
    /^E_IMAGE_CHECK A source of the image is strict[^]*addon\/build\/Release\/a\.node is for arm64.*\(addon\)/,
  );
  assert.not(existsSync(out));
  assert.equal(await buildOf({ dir, strict: true, architecture: "arm64" }), []);
});

test("native code that nobody has built is told, and an error where it is strict; a package of its own for the platform has it built", async () => {
  const gyp = { "binding.gyp": "{}" };
  const dir = makeProject({ addon: { files: gyp } });
  assert.equal(await buildOf({ dir }), [
    'W_NPM_UNBUILT Native code that an install script would build, and none runs: "addon"',
  ]);
  assert.match(
    await refusalOf({ dir, strict: true }),
    /^E_NPM_PACKAGE .*: Native code .*"addon" \(npm\(\{ allowScripts: \["addon"\] \}\)/,
  );
  const built = makeProject({
    addon: { files: gyp, locked: { dependencies: { "addon-linux-x64": "1.0.0" } } },
    "addon-linux-x64": { files: { "index.node": X64 } },
  });
  assert.equal(await buildOf({ dir: built, strict: true }), []);
});

test("an app that imports Prisma's client, which nobody made, is told, and an error where it is strict", async () => {
  const dir = makeProject({ "@prisma/client": { files: { "default.js": "" } } });
  const importing = text("/app/dist/db.js", 'const { PrismaClient } = require("@prisma/client");');
  const [told, ...more] = await buildOf({ dir, beside: [importing] });
  assert.match(
    told!,
    /^W_NPM_GENERATED \/app\/dist\/db\.js imports "@prisma\/client", which finds no client: "prisma generate"/,
  );
  assert.equal(more, []);
  assert.match(await refusalOf({ dir, beside: [importing], strict: true }), /^E_IMAGE_CHECK [^]*finds no client/);
  const brought = text("/app/node_modules/.prisma/client/default.js", "");
  assert.equal(await buildOf({ dir, beside: [importing, brought] }), []);
  const ofItsOwn = text("/app/generated/client.js", 'require("@prisma/client/runtime/library.js");');
  assert.equal(await buildOf({ dir, beside: [ofItsOwn] }), []);
});

test("packages for glibc on musl, or the other way round, are an error with the mend", async () => {
  const limited = (libc: string) => ({ optional: true, manifest: { libc: [libc] }, locked: { libc: [libc] } });
  const dir = makeProject({ "@img/glibc": limited("glibc"), "@img/musl": limited("musl"), plain: {} });
  const musl = [text("/lib/ld-musl-x86_64.so.1", "")];
  const glibc = [text("/lib64/ld-linux-x86-64.so.2", "")];
  assert.match(
    await refusalOf({ dir, beside: musl }),
    'E_NPM_PACKAGE @img/glibc is not for musl, which is the C library of "svc" (/lib/ld-musl-x86_64.so.1) (Let packages be chosen for it: npm({ libc: "musl" }))',
  );
  assert.match(
    await refusalOf({ dir, beside: glibc, libc: "musl" }),
    '@img/musl is not for glibc, which is the C library of "svc"',
  );
  await buildOf({ dir, beside: musl, libc: "musl" });
  await buildOf({ dir, beside: [...musl, ...glibc] });
  const plain = makeProject({ plain: {} });
  await buildOf({ dir: plain, beside: musl });
});

test.run();
