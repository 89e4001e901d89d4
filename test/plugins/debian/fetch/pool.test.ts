import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { digestOf, hexOf } from "../../../../core/model/digest.ts";
import { storeKeyOf } from "../../../../plugins/debian/checksum.ts";
import type { Entry } from "../../../../core/model/entry.ts";
import { treePath, type TreePath } from "../../../../core/model/path.ts";
import { readWhole } from "../../../../core/tree/content.ts";
import { FileTree } from "../../../../core/tree/file-tree.ts";
import { INDEX_KIND, decodeIndex, encodeIndex } from "../../../../plugins/debian/fetch/deb-index.ts";
import { readDeb } from "../../../../plugins/debian/fetch/deb.ts";
import { fetchPackages, type PoolFile } from "../../../../plugins/debian/fetch/index.ts";
import { requireTool, suite, tmp } from "../../../harness.ts";
import { runs } from "../../../sampled.ts";
import { closeThreads, makeDeb, put, rejects, serve, testContext, type TestContext } from "./support.ts";

const test = suite("debian/fetch/pool");

let context: TestContext;
test.before.each(async () => {
  context = await testContext();
});
test.after(closeThreads);

const from = (uri: string, snapshot?: string) => ({
  locate: async () => [{ label: "test", isFurther: false, places: [{ uri, components: ["main"] }] }],
  snapshot,
});
const at = (directory: string, snapshot?: string) => from(`file://${directory}`, snapshot);

test("packages come in the order asked for, with control members and trees, and a second time from the store", async () => {
  const directory = tmp();
  const files = ["beta", "alpha", "gamma"].map((name) => makeDeb(directory, name));
  const packages = await fetchPackages(files, at(directory), context);
  assert.equal(
    packages.map(({ file }) => file.name),
    ["beta", "alpha", "gamma"],
  );
  const [beta] = packages;
  assert.equal(
    [...beta!.control.keys()],
    ["control", "md5sums", "postinst"].filter((name) => beta!.control.has(name)),
  );
  assert.match(String(beta!.control.get("control")), /^Package: beta\n/);
  assert.match(String(beta!.control.get("postinst")), /^#!\/bin\/sh/);
  const data = beta!.tree.get(treePath("usr/share/beta/data"))!;
  assert.is(data.type === "file" && String(readWhole(data)), "the data of beta\n".repeat(1000));

  rmSync(join(directory, "pool"), { recursive: true });
  const offline = { locate: () => Promise.reject(new Error("The network was asked for")) };
  const again = await fetchPackages(files, offline, context);
  assert.equal(
    again.map(({ tree }) => tree.entries()),
    packages.map(({ tree }) => tree.entries()),
  );
  assert.equal(
    again.map(({ control }) => [...control]),
    packages.map(({ control }) => [...control]),
  );
});

test("the tree is what dpkg-deb lists, for every compression", async () => {
  const dpkg = requireTool("dpkg-deb");
  for (const compression of ["xz", "gzip", "zstd", "none"]) {
    const directory = tmp();
    const file = makeDeb(directory, `pkg-${compression}`, compression);
    const [{ tree } = { tree: FileTree.empty }] = await fetchPackages([file], at(directory), context);
    const listing = execFileSync(dpkg, ["-c", join(directory, file.filename)], {
      encoding: "utf8",
      env: { ...process.env, TZ: "UTC" },
    });
    const expected = listing
      .trimEnd()
      .split("\n")
      .map(parseListing)
      .filter((line) => line !== undefined);
    assert.equal(tree.entries().map(describe).toSorted(), expected.toSorted(), compression);
  }
});

test("a file that is gone is an error with both mends, unless the snapshot has it", async () => {
  const directory = tmp();
  const file = makeDeb(directory, "gone");
  const old = tmp();
  mkdirSync(join(old, "pool"));
  renameSync(join(directory, "pool"), join(old, "pool"));
  const error = await rejects(fetchPackages([file], at(directory), context), "E_DEBIAN_POOL_GONE");
  assert.match(error.message, "gone 1.0 (amd64)");
  assert.match(error.hint ?? "", "snapshot:");
  assert.match(error.hint ?? "", "--update-lock");
  assert.is((await fetchPackages([file], at(directory, `file://${old}/`), context)).length, 1);
});

test("a file with other bytes is an error and is not kept", async () => {
  const directory = tmp();
  const file = makeDeb(directory, "bad");
  const path = join(directory, file.filename);
  const good = readFileSync(path);
  writeFileSync(path, Buffer.concat([good.subarray(0, -1), Buffer.from("!")]));
  await rejects(fetchPackages([file], at(directory), context), "E_HASH_MISMATCH");
  appendFileSync(path, "more");
  await rejects(fetchPackages([file], at(directory), context), "E_HASH_MISMATCH");
  truncateSync(path, 100);
  await rejects(fetchPackages([file], at(directory), context), "E_HASH_MISMATCH");
  assert.equal(readdirSync(join(context.store.directory, "tmp")), []);
  writeFileSync(path, good);
  assert.is((await fetchPackages([file], at(directory), context)).length, 1);
});

test("a file announced by SHA512 alone is checked by it, kept, and not fetched again", async () => {
  const directory = tmp();
  const made = makeDeb(directory, "strong");
  const path = join(directory, made.filename);
  const good = readFileSync(path);
  const hex = createHash("sha512").update(good).digest("hex");
  const file: PoolFile = { ...made, checksum: { algorithm: "SHA512", hex } };
  writeFileSync(path, Buffer.concat([good.subarray(0, -1), Buffer.from("!")]));
  await rejects(fetchPackages([file], at(directory), context), "E_HASH_MISMATCH");
  writeFileSync(path, good);
  const [first] = await fetchPackages([file], at(directory), context);
  rmSync(path);
  const [second] = await fetchPackages([file], at(directory), context);
  const pathsOf = (found: typeof first) => found?.tree.entries().map((entry) => entry.path);
  assert.ok(pathsOf(first)!.length > 0);
  assert.equal(pathsOf(second), pathsOf(first));
});

test("a path that leaves the archive is refused", async () => {
  const directory = tmp();
  const file = makeDeb(directory, "evil");
  for (const filename of ["../../etc/passwd", "/../etc/passwd", "pool/../../x", "pool/x/", "pool/x\n", ".", "/", ""]) {
    await rejects(fetchPackages([{ ...file, filename }], at(directory), context), "E_DEBIAN_METADATA", filename);
  }
});

test("a path as vendors write it is fetched as apt fetches it: with ./, slashes too many, and any character", async () => {
  const directory = tmp();
  const file = makeDeb(directory, "odd");
  const odd = "pool/main/o/odd/a b%3a2?#\\é+~_amd64.deb";
  copyFileSync(join(directory, file.filename), join(directory, odd));
  const { uri, close } = await serve(directory);
  for (const mirror of [`file://${directory}`, uri]) {
    for (const filename of [`./${file.filename}`, `/${file.filename}`, file.filename.replace("/", "//./"), odd]) {
      const fresh = await testContext();
      const [found] = await fetchPackages([{ ...file, filename }], from(mirror), fresh);
      assert.ok(found?.tree.get("usr/bin/odd" as TreePath), filename);
    }
  }
  close();
});

test("what is no package is an error", async () => {
  const member = (name: string, body: string) =>
    `${name.padEnd(16)}${"0".padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"100644".padEnd(8)}${String(body.length).padEnd(10)}\`\n${body}${body.length % 2 ? "\n" : ""}`;
  const cases: Record<string, readonly [string, string]> = {
    nothing: ["", "E_ARCHIVE_FORMAT"],
    "no members": ["!<arch>\n", "E_ARCHIVE_FORMAT"],
    "another format": [
      `!<arch>\n${member("debian-binary", "3.0\n")}${member("control.tar", "")}${member("data.tar", "")}`,
      "E_ARCHIVE_FORMAT",
    ],
    "another order": [
      `!<arch>\n${member("debian-binary", "2.0\n")}${member("data.tar", "")}${member("control.tar", "")}`,
      "E_ARCHIVE_FORMAT",
    ],
    "an unknown compression": [
      `!<arch>\n${member("debian-binary", "2.0\n")}${member("control.tar.gz", "")}${member("data.tar.lz", "x")}`,
      "E_ARCHIVE_FORMAT",
    ],
    "damaged data": [
      `!<arch>\n${member("debian-binary", "2.0\n")}${member("control.tar", "")}${member("data.tar.xz", "nonsense")}`,
      "E_COMPRESSION",
    ],
    "no control file": [
      `!<arch>\n${member("debian-binary", "2.0\n")}${member("control.tar", "\0".repeat(1024))}${member("data.tar", "\0".repeat(1024))}`,
      "E_ARCHIVE_FORMAT",
    ],
  };
  for (const [what, [bytes, code]] of Object.entries(cases)) {
    const file = join(tmp(), "x.deb");
    writeFileSync(file, bytes, "latin1");
    await rejects(readDeb({ file, identity: digestOf(what), name: what }, context), code, what);
  }
});

test("a script that is a hard link is its file; as a symbolic link, fifo or device it is refused", async () => {
  const ar = requireTool("ar");
  const debOf = (make: string) => {
    const folder = tmp();
    const text = `${make}; tar -cf data.tar -T /dev/null; tar -cf control.tar control shared postinst 2>&1; echo 2.0 > debian-binary`;
    execFileSync("sh", ["-ec", `echo Package: x > control; printf '#!/bin/sh\\n' > shared; ${text}`], { cwd: folder });
    execFileSync(ar, ["qc", "x.deb", "debian-binary", "control.tar", "data.tar"], { cwd: folder });
    return { file: join(folder, "x.deb"), identity: digestOf(make), name: "x" };
  };
  const linked = await readDeb(debOf("ln shared postinst"), context);
  assert.is(String(linked.control.get("postinst")), "#!/bin/sh\n");
  for (const make of ["ln -s shared postinst", "mkfifo postinst"]) {
    await rejects(readDeb(debOf(make), context), "E_ARCHIVE_FORMAT", make);
  }
});

test("members of others between the known ones are passed over", async () => {
  const directory = tmp();
  const file = makeDeb(directory, "extra");
  const path = join(directory, file.filename);
  put(join(directory, "_gpgbuilder"), "signature");
  execFileSync(requireTool("ar"), ["qS", path, "_gpgbuilder"], { cwd: directory, stdio: "ignore" });
  const bytes = readFileSync(path);
  const changed: PoolFile = {
    ...file,
    size: statSync(path).size,
    checksum: { algorithm: "SHA256", hex: hexOf(digestOf(bytes)) },
  };
  assert.is((await fetchPackages([changed], at(directory), context)).length, 1);
});

test("the index gives back any tree", () => {
  const archive = digestOf("deb");
  const place = { file: "/store/x.tar", archive };
  const meta = fc.record({
    mode: fc.integer({ min: 0, max: 0o7777 }),
    uid: fc.constantFrom(0, 0, 7),
    gid: fc.constantFrom(0, 0, 8),
    mtime: fc.integer({ min: -5, max: 2 ** 33 }),
    named: fc.boolean(),
    xattrs: fc.option(
      fc.dictionary(fc.constantFrom("user.a", "security.capability"), fc.string({ unit: "binary" }), {
        noNullPrototype: true,
      }),
      { nil: undefined },
    ),
  });
  const kind = fc.constantFrom("file", "directory", "implicit", "symlink", "hardlink", "character", "block", "fifo");
  fc.assert(
    fc.property(fc.array(fc.tuple(kind, meta, fc.nat(1e9)), { maxLength: 20 }), (rows) => {
      const entries = rows.map(([type, { named, xattrs, ...rest }, number], index): Entry => {
        const common = {
          ...rest,
          path: `d/\xe9-${index}` as TreePath,
          ...(named && { uname: "u", gname: "g" }),
          ...(xattrs && { xattrs }),
        };
        switch (type) {
          case "file":
            return { ...common, type, size: number, content: { kind: "slice", ...place, offset: number * 512 } };
          case "symlink":
            return { ...common, type, target: `../t${number}\xff` };
          case "hardlink":
            return { ...common, type, target: "first" as TreePath };
          case "character":
          case "block":
            return { ...common, type, major: number % 300, minor: number };
          case "implicit":
            return { ...common, type: "directory", implicit: true };
          default:
            return { ...common, type: type as "directory" | "fifo" };
        }
      });
      const first: Entry = {
        path: "first" as TreePath,
        mode: 0,
        uid: 0,
        gid: 0,
        mtime: 0,
        type: "file",
        size: 1,
        content: { kind: "slice", ...place, offset: 0 },
      };
      const tree = FileTree.of([first, ...entries]);
      const control = new Map([["control", Buffer.from("caf\u00e9\0\xff")]]);
      const record = JSON.parse(JSON.stringify(encodeIndex({ control, tree })));
      const decoded = decodeIndex(record, place);
      assert.equal(decoded?.tree.entries(), tree.entries());
      assert.equal(
        [...decoded!.control].map(([name, bytes]) => [name, Buffer.from(bytes)]),
        [...control],
      );
    }),
    { numRuns: runs(50) },
  );
});

test("a record that is not whole is made anew", async () => {
  for (const record of [
    null,
    1,
    [],
    {},
    { types: 1, paths: [], modes: [], mtimes: [], contents: [], targets: [], extras: {}, control: {} },
    {
      types: "ff",
      paths: ["a"],
      modes: [1],
      mtimes: [1],
      contents: [],
      targets: [],
      extras: {},
      control: {},
    },
  ]) {
    assert.is(decodeIndex(record as never, { file: "/x", archive: digestOf("x") }), undefined);
  }
});

/** `-rwsr-xr-x root/root 10 2025-01-01 00:00 ./usr/bin/x`, with ` -> target` or ` link to ./target`. */
function parseListing(line: string): string | undefined {
  const [, letters = "", size, name = ""] = /^(\S{10}) \S+\s+([0-9]+) \S+ \S+ \.\/(.*)$/.exec(line) ?? [];
  const [path = "", target] = name.split(/ -> | link to \.\//);
  if (path === "") return undefined;
  const type =
    letters[0] === "h" ? "hardlink" : letters[0] === "l" ? "symlink" : letters[0] === "d" ? "directory" : "file";
  return [type, path.replace(/\/$/, ""), octal(letters.slice(1)), type === "file" ? size : (target ?? "")].join(" ");
}

function octal(letters: string): string {
  let mode = 0;
  for (const [index, letter] of [...letters].entries()) {
    if (/[rwxst]/.test(letter)) mode |= 1 << (8 - index);
    if (/[sS]/.test(letter)) mode |= index === 2 ? 0o4000 : 0o2000;
    if (/[tT]/.test(letter)) mode |= 0o1000;
  }
  return mode.toString(8);
}

function describe(entry: Entry): string {
  const last = entry.type === "file" ? entry.size : "target" in entry ? entry.target : "";
  return [entry.type, entry.path, entry.mode.toString(8), last].join(" ");
}

/** Whatever one build read once, another one reads again. */
const nextBuild = () => ({ ...context, tasks: { ...context.tasks } });

test("what the store lost a part of is made or fetched again", async () => {
  const directory = tmp();
  const file = makeDeb(directory, "lost");
  const [first] = await fetchPackages([file], at(directory), context);
  const key = storeKeyOf(file.checksum);
  const inStore = (kind: string, extension = "") =>
    join(context.store.directory, kind, key.slice(0, 2), `${key}${extension}`);
  const whole = readFileSync(inStore("packages", ".tar"));
  for (const size of [0, 512, whole.length - 512]) {
    truncateSync(inStore("packages", ".tar"), size);
    const [again] = await fetchPackages([file], at(directory), nextBuild());
    assert.equal(again!.tree.entries(), first!.tree.entries());
    assert.equal(readFileSync(inStore("packages", ".tar")), whole);
  }
  // The seal is what says that the tar is whole.
  rmSync(inStore("packages", ".tar.seal"));
  rmSync(inStore(INDEX_KIND, ".record"));
  assert.equal((await fetchPackages([file], at(directory), nextBuild()))[0]!.tree.entries(), first!.tree.entries());
  truncateSync(inStore("blobs"), 0);
  await fetchPackages([file], at(directory), nextBuild());
  assert.is(statSync(inStore("blobs")).size, file.size);
});

test("a place that fails is passed over, with one warning, while another one has the files", async () => {
  const directory = tmp();
  const files = ["one", "two"].map((name) => makeDeb(directory, name));
  const bad = tmp();
  for (const { filename } of files) put(join(bad, filename), "other bytes");
  const server = createServer((_, response) => void response.writeHead(403).end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const refusing = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const places = (...uris: readonly string[]) => ({
    locate: async () => [
      { label: "test", isFurther: false, places: uris.map((uri) => ({ uri, components: ["main"] })) },
    ],
  });
  try {
    const good = `file://${directory}`;
    await rejects(fetchPackages(files, places(refusing), context), "E_NETWORK");
    await rejects(fetchPackages(files, places(refusing, `file://${bad}`), context), "E_HASH_MISMATCH");
    assert.is((await fetchPackages(files, places(refusing, `file://${bad}`, good), context)).length, 2);
    const warnings = context.events.flatMap((event) => (event.type === "warning" ? [event.code] : []));
    assert.equal(warnings.toSorted(), ["E_HASH_MISMATCH", "E_NETWORK"]);
    const fresh = await testContext();
    assert.is((await fetchPackages(files, { ...places(refusing), snapshot: good }, fresh)).length, 2);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test.run();
