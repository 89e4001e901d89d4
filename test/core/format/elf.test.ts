/** The ELF reader against readelf, on this host's files and on made-up ones, and against damaged files. */
import { execFileSync } from "node:child_process";
import { lstatSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import * as assert from "uvu/assert";
import { ImageDslError } from "../../../core/error.ts";
import { readElf, readElfEntry, readElfOfHost, type ByteSource, type ElfFile } from "../../../core/format/elf.ts";
import type { ContentHandle, FileEntry } from "../../../core/model/entry.ts";
import { treePath } from "../../../core/model/path.ts";
import { hostStatOf } from "../../../core/tree/content.ts";
import { digestOf } from "../../../core/model/digest.ts";
import { requireTool, suite, tmp } from "../../harness.ts";
import { runs } from "../../sampled.ts";
import { makeElf, type ElfFixture } from "./elf-fixture.ts";

const test = suite("format/elf");

test("reads what readelf reads in programs and libraries of this host", () => {
  const readelf = requireTool("readelf");
  const files = ["/usr/bin", "/usr/sbin", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"].flatMap((folder) =>
    elfFiles(folder, 60),
  );
  assert.ok(files.length > 50, `only ${files.length} ELF files found`);
  compareWithReadelf(readelf, files);
});

test("reads both classes and byte orders", () => {
  const readelf = requireTool("readelf");
  const folder = tmp();
  const shapes: ElfFixture[] = [
    {
      bits: 64,
      littleEndian: true,
      machine: 62,
      needed: ["liba.so.1", "libb.so.2"],
      soname: "libc.so.3",
      runpath: "$ORIGIN/../lib:/opt/x",
    },
    { bits: 64, littleEndian: false, machine: 21, needed: ["liba.so.1"], rpath: "/opt/lib" },
    {
      bits: 32,
      littleEndian: true,
      machine: 40,
      flags: 0x5000400,
      interpreter: "/lib/ld-linux-armhf.so.3",
      type: 2,
      needed: ["libc.so.6"],
    },
    { bits: 32, littleEndian: false, machine: 8, flags: 0x70001007, soname: "libm.so" },
    { bits: 64, littleEndian: true, machine: 243, flags: 5, interpreter: "/lib/ld-linux-riscv64-lp64d.so.1" },
    { type: 2, dynamic: false },
  ];
  const files = shapes.map((shape, index) => {
    const file = join(folder, `shape-${index}`);
    writeFileSync(file, makeElf(shape));
    return file;
  });
  compareWithReadelf(readelf, files);
});

test("names architectures in Go's words", () => {
  const cases: [ElfFixture, string | undefined][] = [
    [{ machine: 62 }, "amd64"],
    [{ machine: 3, bits: 32 }, "386"],
    [{ machine: 183 }, "arm64"],
    [{ machine: 40, bits: 32 }, "arm"],
    [{ machine: 21 }, "ppc64le"],
    [{ machine: 21, littleEndian: false }, "ppc64"],
    [{ machine: 22, littleEndian: false }, "s390x"],
    [{ machine: 243 }, "riscv64"],
    [{ machine: 258 }, "loong64"],
    [{ machine: 8, littleEndian: true }, "mips64le"],
    [{ machine: 999 }, undefined],
  ];
  for (const [shape, architecture] of cases) assert.is(read(makeElf(shape)).architecture, architecture);
});

test("tells static programs", () => {
  assert.is(read(makeElf({ type: 2, dynamic: false })).static, true);
  assert.is(read(makeElf({ type: 2, interpreter: "/lib64/ld-linux-x86-64.so.2" })).static, false);
  assert.is(read(makeElf({ needed: ["libc.so.6"] })).static, false);
  assert.is(read(makeElf({})).static, true);
});

test("reads the ISA level and DF_1_NODEFLIB", () => {
  assert.is(read(makeElf({})).isaLevel, 0);
  assert.is(read(makeElf({ isaNeeded: 1 })).isaLevel, 0);
  assert.is(read(makeElf({ isaNeeded: 0b101 })).isaLevel, 2);
  assert.is(read(makeElf({ isaNeeded: 0b1000, bits: 32, machine: 3 })).isaLevel, 3);
  assert.is(read(makeElf({ isaNeeded: 4, machine: 183 })).isaLevel, 0);
  assert.is(read(makeElf({ flags1: 0x800 })).noDefaultDirectories, true);
  assert.is(read(makeElf({ flags1: 1 })).noDefaultDirectories, false);
});

test("reads the same from memory, from a host file and from inside an archive", () => {
  const bytes = makeElf({ soname: "libx.so.1", needed: ["libc.so.6"] });
  const folder = tmp();
  const [file, archive] = [join(folder, "libx.so.1"), join(folder, "archive")];
  writeFileSync(file, bytes);
  writeFileSync(archive, Buffer.concat([Buffer.alloc(777, 1), bytes, Buffer.alloc(99, 2)]));
  const contents: ContentHandle[] = [
    { kind: "inline", bytes },
    { kind: "host", file, stat: hostStatOf(lstatSync(file)) },
    { kind: "slice", file: archive, archive: digestOf(bytes), offset: 777 },
  ];
  const expected = read(bytes);
  for (const content of contents) assert.equal(readElfEntry(entryOf(content, bytes.length), "libx"), expected);
  assert.equal(readElfOfHost(file), expected);
});

test("a host file that changed since it was listed is refused", () => {
  const file = join(tmp(), "libx.so");
  writeFileSync(file, makeElf({}));
  const stat = hostStatOf(lstatSync(file));
  writeFileSync(file, makeElf({ soname: "liby.so" }));
  assert.is(
    codeOf(() => readElfEntry(entryOf({ kind: "host", file, stat: { ...stat, ino: 1 } }, stat.size), "libx")),
    "E_CONTENT_CHANGED",
  );
});

test("what is no ELF file is told apart from a damaged one", () => {
  const inline = (bytes: Buffer): FileEntry => entryOf({ kind: "inline", bytes }, bytes.length);
  assert.is(readElfEntry(inline(Buffer.from("#!/bin/sh\n")), "x"), undefined);
  assert.is(readElfEntry(inline(Buffer.alloc(0)), "x"), undefined);
  const whole = makeElf({ soname: "libx.so" });
  for (const length of [4, 15, 16, 63, 64, 100, 0x801, 0x1010]) {
    assert.is(
      codeOf(() => readElfEntry(inline(whole.subarray(0, length)), "x")),
      "E_ELF_INVALID",
      `cut to ${length}`,
    );
  }
});

test("damaged files are read or refused, never with reads outside the file", () => {
  const shape = fc.record({
    bits: fc.constantFrom(32 as const, 64 as const),
    littleEndian: fc.boolean(),
    needed: fc.array(
      fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 300 }).map((name) => name.replaceAll("\0", "x")),
      { maxLength: 3 },
    ),
    isaNeeded: fc.nat(),
  });
  const headerPlaces = fc.oneof(
    fc.nat(0x120),
    fc.integer({ min: 0x580, max: 0x5b0 }),
    fc.integer({ min: 0x1000, max: 0x1100 }),
  );
  const change = fc.tuple(headerPlaces, fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)));
  fc.assert(
    fc.property(shape, fc.array(change, { maxLength: 6 }), fc.option(fc.nat(0x2000)), (fixture, changes, cut) => {
      const bytes = makeElf({ ...fixture, soname: "libx.so.1", interpreter: "/lib/ld.so" });
      for (const [place, value] of changes) bytes[place] = value;
      try {
        read(cut === null ? bytes : bytes.subarray(0, cut));
      } catch (error) {
        assert.is(error instanceof ImageDslError ? error.code : error, "E_ELF_INVALID");
      }
    }),
    { numRuns: runs(2000) },
  );
});

test.run();

/** Fails for reads that leave the file or are larger than anything an ELF file asks for. */
function read(bytes: Buffer): ElfFile {
  let total = 0;
  const source: ByteSource = {
    size: bytes.length,
    read(offset, length) {
      assert.ok(
        offset >= 0 && length >= 0 && offset + length <= bytes.length,
        `read of ${length} at ${offset} of ${bytes.length}`,
      );
      total += length;
      assert.ok(total < 64 * 1024 * 1024, "reads far too much");
      return bytes.subarray(offset, offset + length);
    },
  };
  return readElf(source, "fixture");
}

function elfFiles(folder: string, most: number): string[] {
  let names: string[];
  try {
    names = readdirSync(folder).toSorted();
  } catch {
    return [];
  }
  const step = Math.max(1, Math.floor(names.length / (most * 2)));
  return names
    .filter((_, index) => index % step === 0)
    .map((name) => join(folder, name))
    .filter(
      (file) =>
        lstatSync(file).isFile() &&
        readFileSync(file).subarray(0, 4).toString("latin1") === "\x7fELF" &&
        !file.endsWith(".o"),
    )
    .slice(0, most);
}

function compareWithReadelf(readelf: string, files: readonly string[]): void {
  const output = execFileSync(readelf, ["-h", "-l", "-d", "-W", ...files], {
    encoding: "latin1",
    maxBuffer: 256 * 1024 * 1024,
    env: { LC_ALL: "C" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const reports = output.split(/^File: /m).slice(1);
  assert.is(reports.length, files.length);
  for (const [index, file] of files.entries())
    assert.equal(summaryOf(readElfOfHost(file)!), summaryOfReport(reports[index]!), file);
}

function summaryOf(elf: ElfFile): Record<string, unknown> {
  const { bits, littleEndian, type, flags, interpreter, needed, soname, rpath, runpath, dynamic } = elf;
  return { bits, littleEndian, type, flags, interpreter, needed, soname, rpath, runpath, dynamic, static: elf.static };
}

function summaryOfReport(report: string): Record<string, unknown> {
  const one = (pattern: RegExp): string | undefined => pattern.exec(report)?.[1];
  const type = one(/^ +Type: +(\w+)/m);
  const needed = [...report.matchAll(/\(NEEDED\) +Shared library: \[(.*)\]/g)].map((match) => match[1]);
  const interpreter = one(/program interpreter: (.*)\]/);
  return {
    bits: Number(one(/Class: +ELF(\d\d)/)),
    littleEndian: one(/Data: .*(little|big) endian/) === "little",
    type: type === "EXEC" ? "executable" : type === "DYN" ? "shared" : "other",
    flags: Number(one(/^ +Flags: +(0x[0-9a-f]+)/m)),
    interpreter,
    needed,
    soname: one(/\(SONAME\) +Library soname: \[(.*)\]/),
    rpath: one(/\(RPATH\) +Library rpath: \[(.*)\]/),
    runpath: one(/\(RUNPATH\) +Library runpath: \[(.*)\]/),
    dynamic: /^Dynamic section at/m.test(report),
    static: interpreter === undefined && needed.length === 0,
  };
}

function entryOf(content: ContentHandle, size: number): FileEntry {
  return { type: "file", path: treePath("usr/lib/libx.so.1"), mode: 0o644, uid: 0, gid: 0, mtime: 1, size, content };
}

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof ImageDslError) return error.code;
    throw error;
  }
}
