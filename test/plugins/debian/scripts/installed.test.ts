// @timeout 900
// @runtimes node
/**
 * The referee: Debian's own tools install real packages into an empty root (as root, by debootstrap and dpkg), and the
 * same packages are evaluated on paper. Every path's kind, owner, mode and link must be the same, and every byte that
 * a script wrote; each difference there may be is listed with its reason.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { lstatSync, mkdirSync, readFileSync, readdirSync, readlinkSync, writeFileSync, type Stats } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import * as assert from "uvu/assert";
import {
  type Entry,
  type FileTree,
  digestOf,
  indexTar,
  isRoot,
  mergeTrees,
  readWhole,
  treePath,
} from "../../../../core/index.ts";
import { configureOrder } from "../../../../plugins/debian/order/configure-order.ts";
import { atOnce } from "../../../../core/tree/turns.ts";
import { configureTree } from "../../../../plugins/debian/scripts/configure.ts";
import type { ScriptsResult } from "../../../../plugins/debian/scripts/evaluate.ts";
import { skeletonTree } from "../../../../plugins/debian/scripts/skeleton.ts";
import type { ScriptPackage } from "../../../../plugins/debian/scripts/world.ts";
import { requireTool, suite, tmp } from "../../../harness.ts";

const test = suite("debian/scripts/installed", { timeout: 850_000 });

/** One of them alone makes accounts: debootstrap's own last phase has no order that counts. */
const PACKAGES = ["redis-server", "nginx", "ca-certificates", "tzdata", "libpam-runtime"];

/** What an installation leaves that an image does not have, or has from elsewhere. */
const EXPECTED: readonly (readonly [RegExp, string])[] = [
  [/^(proc|dev|sys)(\/|$)/, "the kernel's, or the container runtime's"],
  [
    /^(debootstrap|tmp\/|run\/(adduser|mount)$|etc\/(fstab|hostname|resolv\.conf|apt\/sources\.list|\.pwd\.lock)$)/,
    "left by the tools that install",
  ],
  [/^etc\/(passwd|group|shadow|gshadow|subuid|subgid)-$/, "copies of what was there before the last change"],
  [
    /^var\/lib\/dpkg\/(info|status|available|lock|triggers|cmethopt|parts|updates|diversions-old|statoverride-old|arch)/,
    "dpkg's own records",
  ],
  [
    /^var\/(lib\/apt|cache\/(apt|debconf|ldconfig)|log\/(apt|dpkg|bootstrap|alternatives))/,
    "records and caches of the tools",
  ],
  [
    /^etc\/(rc.\.d|systemd\/system)\/|^var\/lib\/systemd/,
    "links that enable services, which nothing in a container starts",
  ],
  [/^etc\/ld\.so\.cache$/, "written once for the whole image"],
];

interface Installed {
  readonly root: string;
  readonly tree: FileTree;
  readonly result: ScriptsResult;
}

let installed: Installed;

test.before(async () => {
  requireTool("debootstrap", "dpkg-deb", "apt-get", "chroot");
  if (!isRoot()) requireTool("root-privileges-for-debootstrap");
  const root = bootstrap();
  const debs = readdirSync(join(root, "var/cache/apt/archives")).filter((name) => name.endsWith(".deb"));
  const parts = await Promise.all(debs.sort().map((name) => readDeb(join(root, "var/cache/apt/archives", name))));
  const master = (name: string) => {
    const found = parts
      .map((part) => part.tree.get(treePath(`usr/share/base-passwd/${name}`)))
      .find((entry) => entry !== undefined);
    return readWhole(found as Entry & { type: "file" });
  };
  const skeleton = skeletonTree({
    architecture: "amd64",
    passwdMaster: master("passwd.master"),
    groupMaster: master("group.master"),
  });
  const trees = parts.map((part) => ({ origin: part.id, tree: part.tree }));
  const tree = mergeTrees([{ origin: "image", tree: skeleton }, ...trees], { collisions: "first" });
  const byID = new Map(parts.map((part) => [part.id, part]));
  // debootstrap's first phase: base-files stands for the minimal set, whose other packages say so themselves.
  const ordered = configureOrder(parts, "amd64", ({ name }) => name === "base-files");
  const packages = ordered.map(({ id, turn }) => ({ ...byID.get(id)!, turn }));
  const result = atOnce(
    configureTree({
      tree,
      packages,
      suite: "bookworm",
      architecture: packages.find((item) => item.architecture !== "all")!.architecture,
    }),
  );
  installed = { root, tree, result };
});

/** A minimal root with the packages in it, from the mirror that this host's apt is set up for. */
function bootstrap(): string {
  const [site, codename] = execFileSync(
    "apt-get",
    ["indextargets", "--format", "$(SITE) $(CODENAME)", "Created-By: Packages"],
    {
      encoding: "utf8",
    },
  )
    .split("\n", 1)[0]!
    .split(" ");
  const root = join(tmp(), "root");
  mkdirSync(root);
  // SOURCE_DATE_EPOCH: the day of a password's last change is then left empty, as in an image.
  const done = spawnSync(
    "debootstrap",
    ["--variant=minbase", `--include=${PACKAGES.join(",")}`, codename!, root, site!],
    {
      encoding: "utf8",
      env: { ...process.env, SOURCE_DATE_EPOCH: "1", LC_ALL: "C" },
    },
  );
  assert.is(done.status, 0, `${done.stdout}\n${done.stderr}`);
  return root;
}

async function readDeb(
  file: string,
): Promise<ScriptPackage & { tree: FileTree; preDepends: string[]; depends: string[] }> {
  const tar = execFileSync("dpkg-deb", ["--fsys-tarfile", file], { maxBuffer: 1 << 30 });
  const tarFile = join(tmp(), "data.tar");
  writeFileSync(tarFile, tar);
  const tree = await indexTar(Readable.from([tar]), { file: tarFile, archive: digestOf(tar) });
  const folder = tmp();
  execFileSync("dpkg-deb", ["--control", file, join(folder, "control")]);
  const members = readdirSync(join(folder, "control"));
  const control = new Map(members.map((name) => [name, new Uint8Array(readFileSync(join(folder, "control", name)))]));
  const fields = Buffer.from(control.get("control")!).toString("utf8");
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(fields)?.[1] ?? "";
  const names = (name: string) =>
    field(name)
      .split(/[,|]/)
      .map((part) => part.trim().split(/[ (:]/, 1)[0]!);
  return {
    id: field("Package"),
    name: field("Package"),
    version: field("Version"),
    architecture: field("Architecture"),
    control,
    tree,
    preDepends: names("Pre-Depends"),
    depends: names("Depends"),
  };
}

test("every maintainer script of the minimal system and a few servers is covered", () => {
  const { coverage } = installed.result;
  assert.ok(coverage.length > 40, `${coverage.length} scripts`);
  assert.equal(
    coverage.filter((item) => !item.covered),
    [],
  );
});

test("the users are those that the packages' own scripts made", () => {
  for (const name of ["passwd", "group", "shadow", "gshadow"]) {
    const ours = installed.result.tree.get(treePath(`etc/${name}`)) as Entry & { type: "file" };
    // Entries come in the order of configuration, which need not be the same.
    const lines = (text: string) =>
      text
        .split("\n")
        .map((line) => line.replace(/^([^:]*:[^:]*):\d*:/, name === "shadow" ? "$1::" : "$&"))
        .sort();
    const real = readFileSync(join(installed.root, "etc", name), "latin1");
    assert.equal(lines(Buffer.from(readWhole(ours)).toString("latin1")), lines(real), name);
  }
  assert.equal(installed.result.ids.users["redis"], { uid: 100, gid: 101 });
});

test("every path is what the installation made of it", () => {
  const real = walk(installed.root);
  const ours = new Map(installed.result.tree.entries().map((entry) => [entry.path as string, entry]));
  assert.ok(real.size > 5000);
  const differences: string[] = [];
  for (const path of new Set([...real.keys(), ...ours.keys()])) {
    if (EXPECTED.some(([pattern]) => pattern.test(path))) continue;
    const problem = compare(path, real.get(path), ours.get(path));
    if (problem) differences.push(`${path}: ${problem}`);
  }
  assert.equal(differences.sort(), []);
});

test("dpkg's records are those that dpkg wrote, byte for byte", () => {
  const { root, result } = installed;
  const admin = join(root, "var/lib/dpkg");
  const real = (name: string) => readFileSync(join(admin, name), "latin1");
  const ours = (name: string) => {
    const entry = result.tree.get(treePath(`var/lib/dpkg/${name}`));
    return entry?.type === "file" ? Buffer.from(readWhole(entry)).toString("latin1") : "none";
  };
  // debootstrap hands dpkg the archive's own priorities and sections, which may differ from the packages'.
  const comparable = (text: string) => text.replaceAll(/^(Priority|Section): .*\n/gm, "");
  assert.is(comparable(ours("status")), comparable(real("status")));
  const under = (folder: string) =>
    readdirSync(join(admin, folder))
      .filter((name) => !/^(Lock|Unincorp)$|-old$/.test(name))
      .map((name) => `${folder}/${name}`);
  // The index of triggers is in the order of unpacking.
  const inOrder = (name: string, text: string) => (name.startsWith("triggers/") ? text.split("\n").sort() : text);
  const names = [...under("info"), ...under("triggers")];
  assert.ok(names.length > 500, `${names.length}`);
  for (const name of names) {
    assert.equal(inOrder(name, ours(name)), inOrder(name, real(name)), name);
    const mode = result.tree.get(treePath(`var/lib/dpkg/${name}`))?.mode;
    assert.is(mode, lstatSync(join(admin, name)).mode & 0o7777, name);
  }
  assert.equal(result.tree.under(treePath("var/lib/dpkg/info")).length, under("info").length);
  assert.equal(result.tree.under(treePath("var/lib/dpkg/status.d")), []);
});

function compare(path: string, stat: Stats | undefined, entry: Entry | undefined): string | undefined {
  if (!stat || !entry) return stat ? "only installed" : "only on paper";
  const kind = stat.isDirectory() ? "directory" : stat.isSymbolicLink() ? "symlink" : "file";
  const type = entry.type === "hardlink" ? "file" : entry.type;
  if (type !== kind) return `${type} on paper, ${kind} installed`;
  const file = Buffer.from(`${installed.root}/${path}`, "latin1");
  if (entry.type === "symlink") {
    const target = readlinkSync(file, "latin1");
    return target === entry.target ? undefined : `-> ${entry.target} on paper, -> ${target} installed`;
  }
  const owner = (mode: number, uid: number, gid: number) => `${(mode & 0o7777).toString(8)} ${uid}:${gid}`;
  const paper = owner(entry.mode, entry.uid, entry.gid);
  const there = owner(stat.mode, stat.uid, stat.gid);
  if (paper !== there) return `${paper} on paper, ${there} installed`;
  if (entry.type !== "file" || entry.origin !== "image" || /^etc\/(passwd|group|shadow|gshadow)$/.test(path))
    return undefined;
  return Buffer.from(readWhole(entry)).equals(readFileSync(file)) ? undefined : "other bytes";
}

function walk(root: string): ReadonlyMap<string, Stats> {
  const found = new Map<string, Stats>();
  const pending = [""];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const name of readdirSync(Buffer.from(`${root}/${folder}`, "latin1"), { encoding: "latin1" })) {
      const path = folder === "" ? name : `${folder}/${name}`;
      if (/^(proc|sys|dev)\//.test(path)) continue;
      const stat = lstatSync(Buffer.from(`${root}/${path}`, "latin1"));
      found.set(path, stat);
      if (stat.isDirectory()) pending.push(path);
    }
  }
  return found;
}

test.run();
