import { spawnSync } from "node:child_process";
import { linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import fc from "fast-check";
import { requireTool, suite, tmp } from "../../harness.ts";
import { runs } from "../../sampled.ts";
import { ImageDslError } from "../../../core/error.ts";
import { ticks } from "../../../core/host.ts";
import { digestOf } from "../../../core/model/digest.ts";
import { treePath } from "../../../core/model/path.ts";
import { indexTar } from "../../../core/tar/index-tar.ts";
import { readTarFiles } from "../../../core/tar/members.ts";
import { encodePax, decodePax } from "../../../core/tar/pax.ts";
import { readTar } from "../../../core/tar/reader.ts";
import { readWhole } from "../../../core/tree/content.ts";
import type { FileTree } from "../../../core/tree/file-tree.ts";
import type { RaisedLimits } from "../../../core/limits/limits.ts";
import { withLimits } from "../../with-limits.ts";

const test = suite("tar/reader");

async function* pieces(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const place = { file: "", archive: digestOf(Buffer.alloc(0)) };

function index(tar: Uint8Array): Promise<FileTree> {
  return indexTar(pieces(tar), { file: "", archive: digestOf(tar) });
}

interface Raw {
  name: string;
  type?: string;
  link?: string;
  size?: string;
  body?: string;
}

/** A tar by hand, with whatever a hostile writer would put there. */
function handMade(members: readonly Raw[]): Buffer {
  const blocks = members.map(({ name, type = "0", link = "", body = "", size }) => {
    const header = Buffer.alloc(512);
    header.write(name, 0, "latin1");
    header.write("0000644\0", 100);
    header.write("0000000\0", 108);
    header.write("0000000\0", 116);
    header.write(size ?? body.length.toString(8).padStart(11, "0"), 124, "latin1");
    header.write("00000000001\0", 136);
    header.write("        ", 148);
    header.write(type, 156);
    header.write(link, 157, "latin1");
    header.write("ustar\u000000", 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return Buffer.concat([header, Buffer.from(body.padEnd(Math.ceil(body.length / 512) * 512, "\0"), "latin1")]);
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

async function refusal(tar: Uint8Array): Promise<string> {
  try {
    await index(tar);
  } catch (error) {
    assert.instance(error, ImageDslError);
    return (error as ImageDslError).code;
  }
  return "accepted";
}

function packed(...args: string[]): Buffer {
  const folder = tmp();
  mkdirSync(join(folder, "tree/sub"), { recursive: true });
  writeFileSync(join(folder, "tree/file"), "hello");
  writeFileSync(join(folder, "tree", "long".repeat(50)), "long");
  linkSync(join(folder, "tree/file"), join(folder, "tree/sub/hard"));
  symlinkSync("../file", join(folder, "tree/sub/soft"));
  const out = join(folder, "out.tar");
  const { status, stderr } = spawnSync("tar", [...args, "-cf", out, "-C", join(folder, "tree"), "."], {
    encoding: "utf8",
  });
  assert.is(status, 0, stderr);
  return readFileSync(out);
}

for (const format of ["gnu", "pax", "ustar", "v7"]) {
  test(`reads what GNU tar writes as ${format}`, async () => {
    requireTool("tar");
    const tar = packed(
      "--sort=name",
      `--format=${format}`,
      ...(format === "ustar" || format === "v7" ? ["--exclude=long*"] : []),
    );
    const file = join(tmp(), "x.tar");
    writeFileSync(file, tar);
    const tree = await indexTar(pieces(tar), { file, archive: digestOf(tar) });
    const hello = tree.get(treePath("file"));
    assert.is(hello?.type === "file" && Buffer.from(readWhole(hello)).toString(), "hello");
    assert.is(tree.get(treePath("sub/hard"))?.type, "hardlink");
    const soft = tree.get(treePath("sub/soft"));
    assert.is(soft?.type === "symlink" && soft.target, "../file");
    if (format === "gnu" || format === "pax") assert.ok(tree.get(treePath("long".repeat(50))));
  });
}

test("what an attacker writes is refused or stays inside the tree", async () => {
  const cases: Record<string, [Buffer, string]> = {
    "up and out": [handMade([{ name: "../../etc/passwd" }]), "E_PATH_INVALID"],
    "up in the middle": [handMade([{ name: "a/../../b" }]), "E_PATH_INVALID"],
    "the root as a link": [handMade([{ name: "/.", type: "2", link: "/tmp" }]), "E_TAR_INVALID"],
    "the root as a file": [handMade([{ name: "./", type: "0" }]), "accepted"],
    "below a file": [handMade([{ name: "a" }, { name: "a/b" }]), "E_TAR_INVALID"],
    "a hard link to nothing": [handMade([{ name: "a", type: "1", link: "nowhere" }]), "E_TAR_INVALID"],
    "a hard link up and out": [handMade([{ name: "a", type: "1", link: "../../etc/shadow" }]), "E_PATH_INVALID"],
    "a link loop": [
      handMade([{ name: "a", type: "2", link: "b" }, { name: "b", type: "2", link: "a" }, { name: "a/x" }]),
      "E_TREE_LINK_LOOP",
    ],
    "a negative size": [handMade([{ name: "a", size: "-0000000001" }]), "E_TAR_INVALID"],
    "a negative base-256 size": [handMade([{ name: "a", size: "\xff".repeat(12) }]), "E_TAR_INVALID"],
    "a size past the end": [handMade([{ name: "a", size: "77777777777" }]), "E_TAR_INVALID"],
    "garbage behind the end": [Buffer.concat([handMade([{ name: "a" }]), Buffer.alloc(512, 7)]), "E_TAR_INVALID"],
    "a strange type": [handMade([{ name: "a", type: "Z" }]), "E_TAR_INVALID"],
    "a sparse file": [handMade([{ name: "a", type: "S" }]), "E_TAR_INVALID"],
    "a NUL in a pax path": [
      handMade([{ name: "p", type: "x", body: encodePax([["path", "a\0b"]]) }, { name: "a" }]),
      "E_TAR_INVALID",
    ],
    "a directory that is not empty, replaced": [
      handMade([{ name: "d/", type: "5" }, { name: "d/x" }, { name: "d", type: "2", link: "/etc" }]),
      "E_TAR_INVALID",
    ],
  };
  for (const [name, [tar, expected]] of Object.entries(cases)) assert.is(await refusal(tar), expected, name);
});

test("a member below a link lands where the link leads, inside the tree", async () => {
  const tree = await index(
    handMade([
      { name: "etc/", type: "5" },
      { name: "out", type: "2", link: "/etc" },
      { name: "up", type: "2", link: "../../../../etc" },
      { name: "out/passwd", body: "x" },
      { name: "up/group", body: "y" },
    ]),
  );
  assert.is(tree.get(treePath("etc/passwd"))?.type, "file");
  assert.is(tree.get(treePath("etc/group"))?.type, "file");
});

test("a later member replaces an earlier one, and its other names keep the content", async () => {
  const tar = handMade([
    { name: "a", body: "old" },
    { name: "b", type: "1", link: "a" },
    { name: "c", type: "1", link: "a" },
    { name: "a", body: "new!" },
  ]);
  const tree = await index(tar);
  const [a, b, c] = ["a", "b", "c"].map((name) => tree.get(treePath(name)));
  assert.is(a?.type === "file" && a.size, 4);
  assert.is(b?.type === "file" && b.size, 3);
  assert.is(c?.type === "hardlink" && c.target, "b");
});

test("damage anywhere is an error or another archive, never a crash or a hang", async () => {
  const sound = packed("--sort=name", "--format=pax");
  await fc.assert(
    fc.asyncProperty(fc.nat(sound.length - 1), fc.integer({ min: 0, max: 255 }), async (at, byte) => {
      const broken = Buffer.from(sound);
      broken[at] = byte;
      const outcome = await refusal(broken);
      assert.ok(
        ["accepted", "E_TAR_INVALID", "E_TAR_LIMIT", "E_PATH_INVALID", "E_TREE_INVALID"].includes(outcome),
        outcome,
      );
    }),
    { numRuns: runs(300) },
  );
});

test("a cut-off archive is refused wherever it is cut inside a member", async () => {
  const tar = handMade([{ name: "a", body: "x".repeat(2000) }]);
  for (const length of [1, 511, 600, 1500, 2400])
    assert.is(await refusal(tar.subarray(0, length)), "E_TAR_INVALID", String(length));
});

test("what is wrong is told with its place: the byte, and the member before it", async () => {
  const first = { name: "etc/first", body: "x".repeat(600) };
  const pax = (text: string) => ({ name: "x", type: "x", body: text });
  const cases: readonly (readonly [Uint8Array, RegExp])[] = [
    [Buffer.alloc(512, 1), /^The tar archive has a checksum that is no octal number \(at byte 0\)$/],
    [
      handMade([first, { name: "b", size: "9".repeat(11) }]),
      /size that is no octal.*\(at byte 1536, behind "etc\/first"\)$/,
    ],
    [handMade([first, pax("nonsense")]), /A pax header has .* \(at byte 1536, behind "etc\/first"\)$/],
    [
      handMade([first, pax(encodePax([["mtime", "soon"]])), { name: "b" }]),
      /no time \(at byte 2560, behind "etc\/first"\)$/,
    ],
    [handMade([first]).subarray(0, 900), /is cut off \(at byte 512, behind "etc\/first"\)$/],
    [handMade([{ ...first, type: "S" }]), /"etc\/first" of the unsupported type "S" \(at byte 0\)$/],
  ];
  for (const [tar, words] of cases) {
    const error = await index(tar).catch((thrown: unknown) => thrown);
    assert.match((error as ImageDslError).message, words);
  }
});

test("limits hold", async () => {
  const tar = handMade(Array.from({ length: 20 }, (_, n) => ({ name: `f${n}`, body: "x" })));
  const drain = (limits: RaisedLimits) =>
    withLimits(limits, async () => {
      for await (const _ of readTar(pieces(tar)));
    });
  await drain({ "tar.entries": 20 });
  for (const [limits, words] of [
    [{ "tar.entries": 10 }, "The archive has more than 10 headers (--limit tar.entries=20 takes more) (at byte 10240"],
    [{ "tar.bytes": 2048 }, "The archive has more than 2KiB (--limit tar.bytes=4KiB takes more) (at byte"],
  ] as const) {
    const error = await drain(limits).catch((thrown: unknown) => thrown);
    assert.is((error as ImageDslError).code, "E_TAR_LIMIT");
    assert.match((error as ImageDslError).message, words);
  }
});

test("limits of one header hold for their sum too", async () => {
  const header = (bytes: number) => ({ name: "x", type: "x", body: encodePax([["comment", "c".repeat(bytes)]]) });
  const tar = (count: number, bytes: number) =>
    handMade(Array.from({ length: count }, (_, n) => [header(bytes), { name: `f${n}` }]).flat());
  const read = (bytes: number) =>
    withLimits({ "tar.headers": 100_000 }, () => indexTar(pieces(tar(200, bytes)), place));
  await read(4000);
  const error = await read(40_000).catch((thrown: unknown) => thrown);
  assert.is((error as ImageDslError).code, "E_TAR_LIMIT");
});

test("paths beyond what Linux takes are refused at once, told by their beginning", async () => {
  const deep = (levels: number) => `${"a/".repeat(levels)}f`;
  const named = (name: string) =>
    handMade([{ name: "x", type: "x", body: encodePax([["path", name]]) }, { name: "a" }]);
  const refusals = [deep(2047), deep(100_000), "n".repeat(256), `${"d/".repeat(3)}${"n".repeat(256)}/x`];
  for (const name of refusals) {
    const error = await index(named(name)).then(
      () => undefined,
      (thrown: ImageDslError) => thrown,
    );
    assert.is(error?.code, "E_PATH_INVALID", `${name.length} bytes`);
    assert.ok(error!.message.length < 400, error!.message);
  }
  assert.is((await index(named(deep(2046)))).size, 2047);
  assert.is((await index(named("n".repeat(255)))).size, 1);
  const long = handMade([
    { name: "x", type: "x", body: encodePax([["linkpath", "t".repeat(4096)]]) },
    { name: "a", type: "2" },
  ]);
  assert.is(await refusal(long), "E_TREE_INVALID");
});

test("a thousand members in deep folders of their own are refused before they fill the memory", async () => {
  const members = Array.from({ length: 1000 }, (_, n) => [
    { name: "x", type: "x", body: encodePax([["path", `${n}/${"a/".repeat(2000)}f`]]) },
    { name: "a" },
  ]);
  const read = withLimits({ "tar.paths": 20e6 }, () => indexTar(pieces(handMade(members.flat()), 1e6), place));
  const error = await read.catch((thrown: unknown) => thrown);
  assert.is((error as ImageDslError).code, "E_TAR_LIMIT");
});

test("what a layer puts in a directory's place takes all that it had there; an archive may not", async () => {
  const tar = handMade([
    { name: "a/b/c", body: "c" },
    { name: "a/.wh.x" },
    { name: "a", type: "2", link: "z" },
    { name: "f" },
    { name: "f/.wh.gone" },
    { name: "g" },
    { name: "g/", type: "5" },
  ]);
  const tree = await indexTar(pieces(tar), place, { isLayer: true });
  assert.equal(
    tree.entries().map(({ path, type }) => `${path} ${type}`),
    // What g was in the layers below went with the file that stood there for a moment.
    [".wh.g file", "a symlink", "f file", "g directory"],
  );
  assert.is(await refusal(tar), "E_TAR_INVALID");
});

test("a layer ends with its members, an archive with its end mark", async () => {
  const whole = handMade([{ name: "a", body: "x" }]);
  const members = whole.subarray(0, -1024);
  const zeros = Buffer.alloc(512);
  const ends = {
    nothing: members,
    "one block": Buffer.concat([members, zeros]),
    "other bytes behind it": Buffer.concat([whole, Buffer.from("garbage")]),
    "a part of a block": Buffer.concat([whole, zeros.subarray(7)]),
  };
  for (const [what, tar] of Object.entries(ends)) {
    assert.is((await indexTar(pieces(tar), place, { isLayer: true })).size, 1, what);
    if (what !== "one block") assert.is(await refusal(tar), "E_TAR_INVALID", what);
  }
  assert.is((await indexTar(pieces(Buffer.alloc(0)), place, { isLayer: true })).size, 0);
  const broken = [
    members.subarray(0, -1),
    Buffer.concat([members, Buffer.alloc(100, 1)]),
    Buffer.concat([members, zeros, Buffer.alloc(512, 1)]),
    Buffer.concat([members, zeros, zeros.subarray(1)]),
  ];
  for (const tar of broken) {
    const error = await indexTar(pieces(tar), place, { isLayer: true }).catch((thrown: unknown) => thrown);
    assert.is((error as ImageDslError).code, "E_TAR_INVALID");
  }
});

test("what extends members counts as they do, and a header holds so many records only", async () => {
  const headers = (count: number) =>
    handMade(Array.from({ length: count }, () => ({ name: "g", type: "g", body: encodePax([["comment", "x"]]) })));
  const drain = (tar: Uint8Array) =>
    withLimits({ "tar.entries": 10 }, async () => {
      for await (const _ of readTar(pieces(tar)));
    });
  await drain(headers(10));
  const many = encodePax(Array.from({ length: 10_001 }, (_, n) => [`k${n}`, "x"]));
  for (const tar of [headers(11), handMade([{ name: "g", type: "g", body: many }])]) {
    const error = await drain(tar).catch((thrown: unknown) => thrown);
    assert.is((error as ImageDslError).code, "E_TAR_LIMIT");
  }
});

test("a global header stands for what members do not say themselves; attributes for all members are refused", async () => {
  const global = encodePax([
    ["comment", "a commit"],
    ["mtime", "7"],
    ["uid", "8"],
  ]);
  const tree = await index(
    handMade([
      { name: "g", type: "g", body: global },
      { name: "a" },
      { name: "x", type: "x", body: encodePax([["mtime", "9"]]) },
      { name: "b" },
    ]),
  );
  const [a, b] = ["a", "b"].map((name) => tree.get(treePath(name)));
  assert.equal([a?.mtime, a?.uid, b?.mtime, b?.uid], [7, 8, 9, 8]);
  const attributes = encodePax([["SCHILY.xattr.user.x", "1"]]);
  assert.is(await refusal(handMade([{ name: "g", type: "g", body: attributes }])), "E_TAR_INVALID");
});

test("20,000 names of one file, given twice, keep nothing of the first time, in under 20 s", async () => {
  const names = [
    { name: "first", body: "x" },
    ...Array.from({ length: 20_000 }, (_, n) => ({ name: `n${n}`, type: "1", link: "first" })),
  ];
  const started = ticks();
  const tree = await index(handMade([...names, ...names]));
  assert.ok(ticks() - started < 20_000);
  const files = tree.entries().filter(({ type }) => type === "file");
  assert.equal([files.map(({ path }) => path), tree.size], [["first"], 20_001]);
});

test("60,000 empty directories give way to files, in under 20 s", async () => {
  const folders = Array.from({ length: 60_000 }, (_, n) => ({ name: `d${n}/`, type: "5" }));
  const files = folders.map(({ name }) => ({ name: name.slice(0, -1) }));
  const started = ticks();
  const tree = await index(handMade([...folders, ...files]));
  assert.ok(ticks() - started < 20_000);
  assert.ok(tree.entries().every(({ type }) => type === "file"));
});

test("pax records round-trip for any key and value", () => {
  const bytes = fc.string({
    unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
    maxLength: 300,
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(
        fc.tuple(
          bytes.map((key) => `k${key.replaceAll("=", "")}`),
          bytes,
        ),
        { selector: ([key]) => key },
      ),
      (records) => {
        assert.equal([...decodePax(encodePax(records))], records);
      },
    ),
  );
});

test("small archives are read whole through tar-stream, within limits", async () => {
  const tar = packed("--sort=name");
  const files = await readTarFiles(pieces(tar));
  assert.is(Buffer.from(files.get(treePath("file"))!).toString(), "hello");
  const tooMuch = withLimits({ "tar.whole": 3 }, () => readTarFiles(pieces(tar)));
  const error = await tooMuch.catch((thrown: unknown) => thrown);
  assert.is((error as ImageDslError).code, "E_TAR_LIMIT");
  const broken = await readTarFiles(pieces(tar.subarray(0, 700))).catch((thrown: unknown) => thrown);
  assert.is((broken as ImageDslError).code, "E_TAR_INVALID");
});

test("what was cut off between two members is refused", async () => {
  const tar = handMade([{ name: "a", body: "one" }, { name: "b" }]);
  assert.is(await refusal(tar.subarray(0, -512)), "accepted", "one block of zeros is an end");
  assert.is(await refusal(tar.subarray(0, -1024)), "E_TAR_INVALID");
  assert.is(await refusal(tar.subarray(0, 1024)), "E_TAR_INVALID");
  assert.is(await refusal(Buffer.alloc(0)), "E_TAR_INVALID");
});

test.run();
