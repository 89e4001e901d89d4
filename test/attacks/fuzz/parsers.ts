/** What is read from outside, by what reads it: sound inputs, and how to read others like them. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { digestOf, FileTree, ImageDslError, type Entry, type Json } from "../../../core/index.ts";
import { decodeBzip2 } from "../../../core/compress/bzip2.ts";
import { decodeGzip } from "../../../core/compress/gzip.ts";
import { decodeLz4 } from "../../../core/compress/lz4.ts";
import { decodeXz } from "../../../core/compress/xz.ts";
import { decodeZstd } from "../../../core/compress/zstd.ts";
import { GZIP } from "../../../core/compress/codec.ts";
import { readIndex, readManifest } from "../../../core/distribution/documents.ts";
import { readConfig } from "../../../core/distribution/read-config.ts";
import { readElf, readLoaderDefaults } from "../../../core/format/elf.ts";
import { decodeLdSoCache, encodeLdSoCache } from "../../../core/format/ld-so-cache.ts";
import { parseGroup, parsePasswd, parseShadow } from "../../../core/format/passwd.ts";
import { encodeStepResult, takeStep } from "../../../core/run/remote/step-return.ts";
import { CONTENTS_FILE, decodeStepTask, encodeStepTask, RESULT_FILE } from "../../../core/run/remote/step-task.ts";
import type { ScriptSurroundings } from "../../../core/pipeline/script-places.ts";
import { parsePipeline } from "../../../core/plan/layering-pipeline/parse.ts";
import { decodeEntries, encodeEntries } from "../../../core/tar/entry-columns.ts";
import { decodeLayerTask, encodeLayerTask } from "../../../core/tasks/remote/layer-task.ts";
import { indexTar } from "../../../core/tar/index-tar.ts";
import { globMatcher } from "../../../core/tree/glob.ts";
import { treePath } from "../../../core/model/path.ts";
import { parseDeb822Sources } from "../../../plugins/debian/fetch/deb822-sources.ts";
import { parseAptConf } from "../../../plugins/debian/fetch/apt-conf.ts";
import { parseOneLineSources } from "../../../plugins/debian/fetch/one-line-sources.ts";
import { parseRelease } from "../../../plugins/debian/fetch/release.ts";
import { parseControl } from "../../../plugins/debian/resolve/control.ts";
import { parseRelations } from "../../../plugins/debian/resolve/dependency.ts";
import { parseTemplates } from "../../../plugins/debian/scripts/debconf.ts";
import { compileExpression } from "../../../plugins/debian/scripts/regular-expression/expression.ts";
import { NotCovered } from "../../../plugins/debian/scripts/shell/state.ts";
import { dockerPattern } from "../../../plugins/files/ignore/docker-pattern.ts";
import { PatternFault } from "../../../core/tree/automaton.ts";
import { gitPattern } from "../../../plugins/files/ignore/git-pattern.ts";
import { readConfiguration } from "../../../plugins/ldconfig/configuration.ts";
import { parseDerivation } from "../../../plugins/nix/derivation.ts";
import { readTables } from "../../../plugins/nix/sqlite/read.ts";
import { writeDatabase } from "../../../plugins/nix/sqlite/write.ts";
import { readBunLock } from "../../../plugins/npm/locks/bun/bun-lock.ts";
import { readDenoLock } from "../../../plugins/npm/locks/deno/deno-lock.ts";
import { readPackageLock } from "../../../plugins/npm/locks/package-lock.ts";
import { parsePnpmLock } from "../../../plugins/npm/locks/pnpm/lock-file.ts";
import { parseClassicLock } from "../../../plugins/npm/locks/yarn-classic/lock-file.ts";
import { parseYarnLock } from "../../../plugins/npm/locks/yarn/lock-file.ts";
import { parseChallenges } from "../../../plugins/registry/authorization/challenge.ts";
import { parseReference } from "../../../plugins/registry/reference.ts";
import { evaluate, packageOf } from "../../plugins/debian/scripts/support.ts";
import { requireTool } from "../../harness.ts";
import { block, pax, tarOf } from "../make/tar.ts";
import { layOutClassic, layOutPnpm, layOutYarn } from "./lock-graphs.ts";
import type { Form } from "./mutate.ts";
import { randomFrom } from "./random.ts";

export interface Parser {
  readonly form: Form;
  readonly seeds: readonly (Uint8Array | string)[];
  /** Throws what `isRefusal` takes, and nothing else. */
  read(bytes: Buffer): unknown;
}

/** What a parser may throw: everything else is a fault of its. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof ImageDslError) return error.code !== "E_INTERNAL";
  return error instanceof NotCovered || error instanceof PatternFault;
}

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
}

/** Decompresses, no further than anybody would read on. */
const decoder = (decode: (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>) => async (bytes: Buffer) => {
  let size = 0;
  for await (const piece of decode(pieces(bytes))) if ((size += piece.length) > 2 ** 24) return;
};

const text = (parse: (text: string) => unknown) => (bytes: Buffer) => parse(bytes.toString("utf8"));
const inTree = (path: string, bytes: Buffer): FileTree => {
  const common = { mode: 0o644, uid: 0, gid: 0, mtime: 1 };
  const file = (name: string, content: Uint8Array): Entry => ({
    ...common,
    path: treePath(name),
    type: "file",
    size: content.length,
    content: { kind: "inline", bytes: content },
  });
  const folders = ["etc", "etc/d"].map((name): Entry => ({ ...common, path: treePath(name), type: "directory" }));
  return FileTree.of([...folders, file("etc/d/a", Buffer.from("/opt/lib\n")), file(path, bytes)]);
};

const TAR = tarOf(
  { name: "d", type: "5", mode: 0o755 },
  { name: "d/f", body: "text" },
  { name: "d/l", type: "2", link: "f" },
  { name: "d/h", type: "1", link: "d/f" },
  pax({ path: "d/long".repeat(20), size: "3", uid: "7", "SCHILY.xattr.user.a": "b" }),
  { name: "x", body: "abc" },
  block({ name: "././@LongLink", type: "L", body: `${"n/".repeat(60)}\0` }),
  { name: "y", body: "" },
);
const DIGEST = digestOf(Buffer.alloc(0));
const DESCRIPTOR = { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: DIGEST, size: 2 };
const MANIFEST = {
  schemaVersion: 2,
  mediaType: DESCRIPTOR.mediaType,
  config: { ...DESCRIPTOR, mediaType: "application/vnd.oci.image.config.v1+json" },
  layers: [{ ...DESCRIPTOR, mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", annotations: { a: "b" } }],
};
const PLACE_OF_TAR = { file: "", archive: DIGEST } as const;
const SELECTION = { target: { os: "linux", cpu: "x64", libc: "glibc" }, omit: new Set(["dev"] as const) };
const { signal } = new AbortController();
const PLACE = { file: "/p/lock", root: "/p", member: "" };
const PROJECT = { name: "p", version: "1.0.0", dependencies: { a: "^1.0.0" } };

const LOADER = "\0/etc/ld.so.cache\0x/lib/x86_64-linux-gnu/\0/usr/lib/\0/lib/\0\0glibc";
const CONFIG = {
  architecture: "amd64",
  os: "linux",
  config: { Env: ["A=b"], Cmd: ["/x"], ExposedPorts: { "80/tcp": {} }, User: "a" },
  rootfs: { type: "layers", diff_ids: [DIGEST] },
  history: [{ created: "1970-01-01T00:00:01Z", created_by: "x" }],
};
const compressedBy = (program: string): Buffer => execFileSync(requireTool(program), ["-c"], { input: TAR });
const INTEGRITY = `sha512-${"A".repeat(86)}==`;
const LOCKS = {
  npm: {
    name: "p",
    version: "1.0.0",
    lockfileVersion: 3,
    packages: {
      "": PROJECT,
      "node_modules/a": {
        version: "1.0.0",
        resolved: "https://r.example/a.tgz",
        integrity: INTEGRITY,
        bin: { a: "x" },
      },
      "node_modules/a/node_modules/@s/b": { version: "2.0.0", os: ["linux"], optional: true, dependencies: { a: "1" } },
    },
  },
  deno: {
    version: "5",
    specifiers: { "npm:a@1": "1.0.0_b@2.0.0" },
    npm: {
      "a@1.0.0_b@2.0.0": { integrity: INTEGRITY, dependencies: ["@s/b", "c@npm:b@2.0.0"], os: ["linux"] },
      "@s/b@1.0.0": { integrity: INTEGRITY, optionalDependencies: ["b@2.0.0"], cpu: ["x64"] },
      "b@2.0.0": { integrity: INTEGRITY, tarball: "https://r.example/b.tgz" },
    },
  },
  bun: {
    lockfileVersion: 1,
    workspaces: { "": PROJECT },
    packages: {
      a: ["a@1.0.0", "", { dependencies: { b: "1" }, bin: "x" }, INTEGRITY],
      b: ["b@1.0.0", "", {}, INTEGRITY],
    },
  },
};
const PNPM = `lockfileVersion: '9.0'
settings: {autoInstallPeers: true}
importers:
  .:
    dependencies:
      a: {specifier: ^1.0.0, version: 1.0.0(b@2.0.0)}
packages:
  a@1.0.0: {resolution: {integrity: ${INTEGRITY}}, hasBin: true}
snapshots:
  a@1.0.0(b@2.0.0): {dependencies: {b: 2.0.0}}
`;
const YARN = `__metadata:
  version: 8
  cacheKey: 10c0

"a@npm:^1.0.0":
  version: 1.0.0
  resolution: "a@npm:1.0.0"
  dependencies:
    b: "npm:^2.0.0"
  checksum: 10c0/ff
  languageName: node
  linkType: hard
`;
const YARN_CLASSIC = `# yarn lockfile v1


"@s/a@^1.0.0", a@1:
  version "1.0.0"
  resolved "https://r.example/a/-/a-1.0.0.tgz#0123456789abcdef0123456789abcdef01234567"
  integrity ${INTEGRITY}
  dependencies:
    b "^2.0.0"
`;
const GRAPHS = [1, 2, 3].map((seed) => {
  const random = randomFrom(seed);
  return Uint8Array.from({ length: 200 }, () => random.below(256));
});
const PACKAGES = `Package: a
Version: 1:2.0-1
Architecture: amd64
Depends: b (>= 1.0) | c:any, d [amd64 !arm64] <!nocheck>
Filename: pool/a.deb
Size: 12
SHA256: ${"0".repeat(64)}
Description: one
 more of it

Package: b
Version: 2
`;
const RELEASE = `Origin: Debian
Suite: stable
Codename: bookworm
Date: Sat, 01 Jan 2022 00:00:00 UTC
Valid-Until: Sat, 08 Jan 2022 00:00:00 UTC
Architectures: amd64 arm64
Components: main
SHA256:
 ${"0".repeat(64)} 12 main/binary-amd64/Packages.xz
`;
const SCRIPT = `#!/bin/sh
set -e
case "$1" in configure) for f in /etc/*; do [ -e "$f" ] && sed -i 's/a\\(b\\)/\\1/g' "$f"; done ;; esac
if ! getent passwd x >/dev/null; then adduser --system --group --home /var/lib/x x; fi
x=\${1#con}; y=$((1 + 2 * x)); echo "$x" | grep -E '^(a|b)+$' | awk '{ print $1, NF }' > /etc/out || :
install -d -m 755 -o root /var/x; ln -sf ../a /etc/l; cat <<EOF > /etc/here
$(printf '%s\\n' a b)
EOF
`;

const MADE = { mode: 0o644, uid: 0, gid: 0, mtime: 1, origin: "image" } as const;
const WRITTEN = { digest: DIGEST, size: 5 };

export const PARSERS: Readonly<Record<string, Parser>> = {
  tar: { form: "tar", seeds: [TAR], read: (bytes) => indexTar(pieces(bytes), PLACE_OF_TAR) },
  layer: { form: "tar", seeds: [TAR], read: (bytes) => indexTar(pieces(bytes), PLACE_OF_TAR, { isLayer: true }) },
  gzip: { form: "bytes", seeds: [gzipSync(TAR)], read: decoder(decodeGzip) },
  bzip2: { form: "bytes", seeds: [compressedBy("bzip2")], read: decoder((bytes) => decodeBzip2(bytes, () => 2 ** 24)) },
  xz: { form: "bytes", seeds: [compressedBy("xz")], read: decoder(decodeXz) },
  zstd: { form: "bytes", seeds: [compressedBy("zstd")], read: decoder(decodeZstd) },
  lz4: { form: "bytes", seeds: [compressedBy("lz4")], read: decoder(decodeLz4) },
  elf: { form: "bytes", seeds: [readFileSync("/bin/true")], read: (bytes) => readElf(sourceOf(bytes), "x") },
  loader: { form: "bytes", seeds: [LOADER], read: (bytes) => readLoaderDefaults(sourceOf(bytes)) },
  "loader-cache": { form: "bytes", seeds: [loaderCache()], read: (bytes) => decodeLdSoCache(bytes) },
  "loader-configuration": {
    form: "text",
    seeds: [
      "include /etc/d/*\n/lib # comment\n/usr/lib/x hwcap 0 a\n",
      "include etc/[a-d]/?\ninclude /etc/ld.so.conf\n",
    ],
    read: (bytes) => readConfiguration(inTree("etc/ld.so.conf", bytes)),
  },
  passwd: { form: "text", seeds: ["root:x:0:0:root:/root:/bin/sh\na:*:1:2:,,,:/:\n"], read: text(parsePasswd) },
  group: { form: "text", seeds: ["root:x:0:\na:*:1:root,b\n"], read: text(parseGroup) },
  shadow: { form: "text", seeds: ["root:!:1:0:99999:7:::\na:*:::::::\n"], read: text(parseShadow) },
  packages: { form: "text", seeds: [PACKAGES], read: text((each) => parseControl(each, "x")) },
  relations: {
    form: "text",
    seeds: ["a (>= 1.0) | b:any, c [amd64 !arm64] <!nocheck> <x>, d (= 2~rc1-3)"],
    read: text((each) => parseRelations(each, "amd64", "x")),
  },
  release: { form: "text", seeds: [RELEASE], read: text((each) => parseRelease(each, "x")) },
  templates: {
    form: "text",
    seeds: ["Template: a/b\nType: select\nChoices: x, y\nDefault: x\nDescription: d\n long\n"],
    read: text(parseTemplates),
  },
  "apt-sources": {
    form: "text",
    seeds: [
      "Types: deb deb-src\nURIs: http://x.example/debian\nSuites: a b\nComponents: main\nSigned-By:\n -----BEGIN\n .\n",
    ],
    read: text((each) => parseDeb822Sources(each, "x")),
  },
  "apt-sources-list": {
    form: "text",
    seeds: [
      "deb [arch=amd64,arm64 signed-by=/k trusted=yes] http://x.example/debian a main contrib # c\ndeb cdrom:[x]/ a/\n",
    ],
    read: text((each) => parseOneLineSources(each, "x")),
  },
  "apt-configuration": {
    form: "text",
    seeds: [
      'APT { Get "x"; A::B "c"; List { "1"; "2"; }; };\n// c\n/* d */ Acquire::http::Proxy "http://x";\n#clear APT;\n',
    ],
    read: text(parseAptConf),
  },
  "maintainer-script": {
    form: "text",
    seeds: [SCRIPT],
    read: (bytes) =>
      evaluate([packageOf("a", { postinst: bytes.toString("latin1") })], { "etc/a": "ab\n", "usr/bin/sed": "#!\n" }),
  },
  "regular-expression": {
    form: "text",
    seeds: ["^(a|b+)*[^c-e[:alpha:]]{2,3}\\.$", "\\(a*\\)*b\\{1,2\\}[]x]", "(a|a)*b"],
    read: text((each) => {
      let steps = 0;
      const spend = (units: number) => {
        if ((steps += units) > 300_000) throw new NotCovered("too many steps");
      };
      for (const tool of ["grep", "sed", "awk"] as const) {
        compileExpression(each, { tool, extended: true, spend }).find("aaabcde aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
      }
    }),
  },
  glob: {
    form: "text",
    seeds: ["src/**/{a,b}*.[jt]s", "!a/?/[!b-d]*", "**/*a*a*a*a*b"],
    read: text((each) => globMatcher([each])(treePath("src/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/a.js"))),
  },
  "docker-ignore": { form: "text", seeds: ["**/a*[b-d]?.x", "!a/../b/", "a\\*b"], read: text(dockerPattern) },
  "git-ignore": { form: "text", seeds: ["/a/**/b*[!c-d]/", "!\\#x", "*.[oa]"], read: text(gitPattern) },
  index: {
    form: "json",
    seeds: [JSON.stringify({ schemaVersion: 2, manifests: [DESCRIPTOR] })],
    read: (bytes) => readIndex("x", bytes),
  },
  manifest: {
    form: "json",
    seeds: [JSON.stringify(MANIFEST)],
    read: (bytes) => readManifest("x", bytes, MANIFEST.mediaType),
  },
  config: { form: "json", seeds: [JSON.stringify(CONFIG)], read: (bytes) => readConfig("x", bytes) },
  reference: {
    form: "text",
    seeds: ["registry.example:5000/a/b:tag", `a/b@${DIGEST}`, "[::1]:5000/x:1"],
    read: text((each) => parseReference(each)),
  },
  challenge: {
    form: "text",
    seeds: ['Bearer realm="https://x.example/t",service="s",scope="repository:a:pull", Basic realm="a\\"b"'],
    read: text(parseChallenges),
  },
  derivation: {
    form: "text",
    seeds: [
      'Derive([("out","/nix/store/x","","")],[("/nix/store/y.drv",["out"])],["/s"],"x86_64-linux","/b",["-c","a\\nb"],[("A","b")])',
    ],
    read: text((each) => parseDerivation(each, "x")),
  },
  database: { form: "bytes", seeds: [database()], read: readDatabase },
  "layering-pipeline": {
    form: "json",
    seeds: [
      JSON.stringify([
        ["split_paths", ["a"]],
        ["over", "rest", ["pipe", [["popularity_contest"], ["limit_layers", 3]]]],
      ]),
    ],
    read: (bytes) => parsePipeline(parsedJson(bytes)),
  },
  "package-lock": {
    form: "json",
    seeds: [JSON.stringify(LOCKS.npm)],
    read: text((each) => readPackageLock({ ...PLACE, text: each, manifest: PROJECT, signal }, SELECTION)),
  },
  "bun-lock": {
    form: "json",
    seeds: [JSON.stringify(LOCKS.bun)],
    read: text((each) => readBunLock({ ...PLACE, text: each, manifest: PROJECT, signal }, SELECTION)),
  },
  "deno-lock": {
    form: "json",
    seeds: [JSON.stringify(LOCKS.deno)],
    read: text((each) =>
      readDenoLock({ file: "x", text: each, imports: ["npm:a@1"], vendored: false }, SELECTION.target),
    ),
  },
  "archive-index": {
    form: "json",
    seeds: [JSON.stringify(encodeEntries([...(await indexTar(pieces(TAR), PLACE_OF_TAR)).entries()]))],
    read: (bytes) => FileTree.of(decodeEntries(parsedJson(bytes) as Json, PLACE_OF_TAR) ?? []),
  },
  "layer-task": { form: "json", seeds: [await layerTask()], read: readLayerTask },
  "step-task": { form: "json", seeds: [await stepTask()], read: (bytes) => decodeStepTask(bytes, "code", "/task") },
  "step-result": { form: "json", seeds: [stepResult()], read: readStepResult },
  "pnpm-lock": { form: "text", seeds: [PNPM], read: text((each) => parsePnpmLock("x", each)) },
  "yarn-classic-lock": { form: "text", seeds: [YARN_CLASSIC], read: text((each) => parseClassicLock("x", each)) },
  "yarn-lock": { form: "text", seeds: [YARN], read: text((each) => parseYarnLock("x", each)) },
  "pnpm-graph": { form: "bytes", seeds: GRAPHS, read: layOutPnpm },
  "yarn-classic-graph": { form: "bytes", seeds: GRAPHS, read: layOutClassic },
  "yarn-graph": { form: "bytes", seeds: GRAPHS, read: layOutYarn },
};

function sourceOf(bytes: Buffer): Parameters<typeof readElf>[0] {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

async function layerTask(): Promise<Uint8Array> {
  const entries = [...(await indexTar(pieces(TAR), PLACE_OF_TAR)).entries()];
  return encodeLayerTask({ codec: GZIP, inputs: [DIGEST], layers: [{ entries }] }, "code");
}

/** Whoever wrote it, layers are made of nothing but the task's own inputs. */
function readLayerTask(bytes: Buffer): void {
  const { layers } = decodeLayerTask(bytes, "code", "/task");
  for (const entry of layers.flatMap(({ entries }) => entries)) {
    if (entry.type !== "file" || entry.size === 0) continue;
    if (entry.content.kind === "slice" && /^\/task\/in\/[0-9a-f]{64}$/.test(entry.content.file)) continue;
    throw new Error(`${entry.path} is of ${JSON.stringify(entry.content)}`);
  }
}

async function stepTask(): Promise<Uint8Array> {
  const entries = [...(await indexTar(pieces(TAR), PLACE_OF_TAR)).entries()];
  const trees = new Map([["src", entries]]);
  const about = { platform: "linux/amd64", architecture: "x64", tools: { bash: "GNU bash 5" }, blobs: [DIGEST] };
  return encodeStepTask({ script: "true", env: { A: "b" }, mtime: 1, trees, ...about }, "code");
}

function stepResult(): string {
  const inBlob = (offset: number) => ({ kind: "slice", file: "/blob", archive: DIGEST, offset }) as const;
  const changed: readonly Entry[] = [
    { ...MADE, path: treePath("/a"), type: "directory" },
    { ...MADE, path: treePath("/a/b"), type: "file", size: 2, content: inBlob(0) },
    { ...MADE, path: treePath("/a/c"), type: "hardlink", target: treePath("/a/b") },
    { ...MADE, path: treePath("/d"), type: "file", size: 3, content: inBlob(2) },
    { ...MADE, path: treePath("/e"), type: "symlink", target: "d" },
  ];
  return encodeStepResult({ changes: { changed, removed: [] }, used: [] }, ["a line"]);
}

/** Whatever it says, its files are parts of its contents, and nobody's but root's. */
async function readStepResult(bytes: Buffer): Promise<void> {
  const said = { digest: digestOf(bytes), size: bytes.length };
  const outputs = [
    { path: RESULT_FILE, blob: said },
    { path: CONTENTS_FILE, blob: WRITTEN },
  ];
  const about = {
    target: "a",
    spec: { mtime: 1 },
    emit() {},
    store: { putBlob: async () => "/blob", findBlob: async () => "/blob" },
  } as unknown as ScriptSurroundings;
  const run = { stage: "command", runner: "step", name: "step", script: "true" } as const;
  const { changes } = await takeStep({ outputs, isCached: false }, run, about, { read: () => pieces(bytes) });
  for (const entry of FileTree.of(changes.changed).entries()) {
    if (entry.uid !== 0 || entry.gid !== 0 || entry.xattrs !== undefined) throw new Error(`${entry.path} is another's`);
    if (entry.type !== "file" || entry.size === 0) continue;
    const { content } = entry;
    if (content.kind === "slice" && content.archive === DIGEST && content.offset + entry.size <= WRITTEN.size) continue;
    throw new Error(`${entry.path} is of ${JSON.stringify(content)}`);
  }
}

function loaderCache(): Buffer {
  const entry = { name: "libc.so.6", path: "/lib/libc.so.6", flags: 0x303 };
  const entries = [entry, { ...entry, hwcaps: "x86-64-v3", isaLevel: 2, path: "/lib/v3/libc.so.6" }];
  return encodeLdSoCache({ entries, littleEndian: true });
}

/** What is no JSON is refused before. */
function parsedJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return null;
  }
}

/** What it refuses is a RangeError, which its caller takes. */
function readDatabase(bytes: Buffer): void {
  try {
    readTables(bytes, ["ValidPaths", "Refs"]);
  } catch (error) {
    if (!(error instanceof RangeError) || error.message.includes("call stack")) throw error;
  }
}

function database(): Buffer {
  const rows = Array.from({ length: 200 }, (_, rowid) => ({
    rowid,
    values: [null, `/nix/store/${rowid}`, 2 ** 40, -1],
  }));
  return writeDatabase([
    { type: "table", name: "ValidPaths", sql: "create table ValidPaths (id, path, size, ok)", rows },
  ]);
}
