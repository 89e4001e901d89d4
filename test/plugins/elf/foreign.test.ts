/** Programs for another machine than this host: what they bring along comes with them, the rest is the image's own. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { buildLayeredImage, elf, files, type Source } from "../../../plugins/index.ts";
import { build } from "../../../plugins/program.ts";
import { makeElf, type ElfFixture } from "../../core/format/elf-fixture.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("elf/foreign");

/** No test host is one. */
const S390X: ElfFixture = { machine: 22, littleEndian: false };

function folderOf(objects: Readonly<Record<string, ElfFixture>>): string {
  const folder = tmp();
  for (const [path, object] of Object.entries(objects)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), makeElf({ ...S390X, ...object }), { mode: 0o755 });
  }
  return folder;
}

const APP = folderOf({
  "bin/app": { interpreter: "/lib/ld64.so.1", needed: ["libown.so", "libc.so.6"], runpath: "$ORIGIN/../lib" },
  "lib/libown.so": { soname: "libown.so", needed: ["libz.so.1", "libc.so.6"] },
});
const C_LIBRARY = folderOf({ "lib/ld64.so.1": {}, "usr/lib/s390x-linux-gnu/libc.so.6": { soname: "libc.so.6" } });
const ZLIB = folderOf({ "usr/lib/s390x-linux-gnu/libz.so.1": { soname: "libz.so.1" } });

const app = elf({ files: join(APP, "bin/app") });
const target = (contents: readonly Source[], fromImage?: ReturnType<typeof buildLayeredImage>) => ({
  images: { t: buildLayeredImage({ name: "t", contents, ...(fromImage && { fromImage }) }) },
  platforms: ["linux/s390x"],
});

async function refusal(contents: readonly Source[]): Promise<string> {
  try {
    await build(target(contents), { outputs: ["digest"], store: tmp() });
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return `${code} ${message}`;
  }
  return "nothing was refused";
}

test("its libraries are those that the image's sources or its base bring", async () => {
  const contents = [app, files(C_LIBRARY), files(ZLIB)];
  await build(target(contents), { outputs: ["digest"], store: tmp() });
  const base = buildLayeredImage({ name: "base", contents: [files(C_LIBRARY), files(ZLIB)] });
  await build(target([app], base), { outputs: ["digest"], store: tmp() });
});

test("what nothing in the image brings for that machine is an error that says who needs it", async () => {
  assert.match(
    await refusal([app]),
    /^E_ELF_NOT_FOUND \S+\/bin\/app needs ld64\.so\.1, libc\.so\.6 for s390x, and nothing in the image brings them$/,
  );
  assert.match(await refusal([app, files(C_LIBRARY)]), /\/lib\/libown\.so needs libz\.so\.1 for s390x/);
  const amd64 = folderOf({ "usr/lib/libz.so.1": { machine: 62, littleEndian: true, soname: "libz.so.1" } });
  assert.match(await refusal([app, files(C_LIBRARY), files(amd64)]), /needs libz\.so\.1 for s390x/);
  const named = elf({ files: join(APP, "bin/app"), also: ["libnss_dns.so.2"] });
  assert.match(await refusal([named, files(C_LIBRARY), files(ZLIB)]), /bin\/app needs libnss_dns\.so\.2 for s390x/);
});

test.run();
