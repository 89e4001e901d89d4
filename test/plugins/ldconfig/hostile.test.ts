/** Loader configuration and caches that are made to take time and memory. */
import * as assert from "uvu/assert";
import {
  FileTree,
  decodeLdSoCache,
  encodeLdSoCache,
  treePath,
  type Entry,
  type ImageDslError,
} from "../../../core/index.ts";
import { inlineFile } from "../../../core/tree/inline-file.ts";
import { readConfiguration } from "../../../plugins/ldconfig/configuration.ts";
import { suite } from "../../harness.ts";

const test = suite("ldconfig/hostile", { timeout: 20_000 });

function configuration(files: Readonly<Record<string, string>>) {
  const entries = Object.entries(files).map(([path, text]): Entry =>
    inlineFile(treePath(path), Buffer.from(text, "latin1")),
  );
  return readConfiguration(FileTree.of(entries));
}

test("a file that includes itself, or all of its kind, is read once", () => {
  const self = "include /etc/ld.so.conf\n".repeat(10);
  assert.equal(configuration({ "etc/ld.so.conf": `/opt/a\n${self}/opt/b\n` }), {
    directories: ["/opt/a", "/opt/b"],
    passedOver: [],
  });
  const all = "include /etc/d/*\n".repeat(50);
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`etc/d/${n}`, `${all}/opt/${n}\n`]));
  assert.is(configuration({ "etc/ld.so.conf": all, ...many }).directories.length, 200);
  const nested = {
    "etc/ld.so.conf": "include /etc/d/*\n",
    "etc/d/1": "include /etc/d/3\n/1\n",
    "etc/d/2": "/2",
    "etc/d/3": "/3",
  };
  assert.equal(configuration(nested).directories, ["/3", "/1", "/2"], "read where it is included first");
});

test("chains of includes, long paths, large files and patterns about everything end, and are told", () => {
  const chain = Object.fromEntries(
    Array.from({ length: 20_000 }, (_, n) => [`etc/c/${n}`, `include /etc/c/${n + 1}\n/opt/${n}\n`]),
  );
  const { directories, passedOver } = configuration({ "etc/ld.so.conf": "include /etc/c/0\n", ...chain });
  assert.is(directories.length, 10_000);
  assert.match(passedOver.join(), "there are more than 10000 directories");

  const long = configuration({ "etc/ld.so.conf": `include /${"a/".repeat(300_000)}*\n/opt/x\n` });
  assert.equal(long.directories, ["/opt/x"]);
  assert.match(long.passedOver.join(), "/etc/ld.so.conf: it includes a path of 600002 bytes");
  assert.match(configuration({ "etc/ld.so.conf": "/opt\n".repeat(300_000) }).passedOver.join(), "it has 1500000 bytes");

  const names = Object.fromEntries(Array.from({ length: 2000 }, (_, n) => [`etc/d/${"a".repeat(240)}${n}`, ""]));
  const patterns = `include /etc/d/${"*a".repeat(120)}b\n`.repeat(3000);
  const told = configuration({ "etc/ld.so.conf": `${patterns}/opt/last\n`, ...names });
  assert.equal(told.directories, ["/opt/last"]);
  assert.match(told.passedOver.join(), "its patterns are about too many names");
});

test("ranges that run backwards hold nothing, and lines of blanks take no time", () => {
  const blanks = `${"/opt/x".padEnd(400_000)}y\n${"/".repeat(400_000)}z`;
  const { directories } = configuration({ "etc/ld.so.conf": `include /etc/[z-a]*\n/opt/a\n${blanks}`, "etc/a": "/b" });
  assert.equal(directories, ["/opt/a"]);
});

test("a cache whose names all stand at one place is refused, and so is one with a long name", () => {
  const entries = Array.from({ length: 2000 }, (_, n) => ({ name: `lib${n}.so`, path: `/lib/lib${n}.so`, flags: 1 }));
  const sound = encodeLdSoCache({ entries, littleEndian: true });
  assert.is(decodeLdSoCache(sound).entries.length, 2000);
  for (const [size, reason] of [
    [4000, /times as many bytes/],
    [2_000_000, /a name of it has 2000000 bytes/],
  ] as const) {
    const cache = Buffer.concat([sound, Buffer.alloc(size, "x"), Buffer.alloc(1)]);
    for (let entry = 0; entry < 2000; entry++) {
      cache.writeUInt32LE(sound.length, 48 + entry * 24 + 4);
      cache.writeUInt32LE(sound.length, 48 + entry * 24 + 8);
    }
    try {
      decodeLdSoCache(cache);
      assert.unreachable();
    } catch (error) {
      assert.is((error as ImageDslError).code, "E_ELF_INVALID");
      assert.match((error as ImageDslError).message, reason);
    }
  }
});

test.run();
