/** The closure of programs, against the loader itself, and programs that run from nothing but what was collected. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  closeSync,
  readdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import * as v from "valibot";
import * as assert from "uvu/assert";
import {
  FileTree,
  ImageDslError,
  hostPath,
  lookup,
  treePath,
  walk,
  type BuildEvent,
  type Collected,
  type Platform,
} from "../../../core/index.ts";
import { materializeTree } from "../../../core/tree/materialize.ts";
import { mergeTrees } from "../../../core/tree/merge.ts";
import { collectElf } from "../../../plugins/elf/collect.ts";
import { elf as elfSource } from "../../../plugins/elf/index.ts";
import { elfSchema, type ElfOptions } from "../../../plugins/elf/options.ts";
import { withLoaderCache } from "../../../plugins/ldconfig/plugin.ts";
import { makeElf, type ElfFixture } from "../../core/format/elf-fixture.ts";
import { requireTool, suite, tmp } from "../../harness.ts";
import { LOADER, hostLibc, rootWithGlibc, runAsRoot } from "./glibc-root.ts";

const test = suite("elf");
const AMD64: Platform = { os: "linux", architecture: "amd64" };

test(
  "programs run in a root directory that has nothing but what was collected",
  () => {
    hostLibc();
    const python = realpathSync("/usr/bin/python3");
    const root = tmp();
    const merged = merge(collect({ files: ["node", "bash", python] }));
    materializeTree(withLoaderCache(merged, "amd64"), root, { purpose: "script", faked: false });
    const chroot = requireTool("chroot");
    assert.is(
      runAsRoot([chroot, root, realpathSync(requireTool("node")), "--version"]),
      `${spawnSync("node", ["--version"], { encoding: "utf8" }).stdout}`,
    );
    assert.match(runAsRoot([chroot, root, "/usr/bin/bash", "-c", "echo $BASH_VERSION"]), /^\d+\.\d+/);
    assert.match(runAsRoot([chroot, root, python, "--version"]), /^Python 3/);
  },
  { timeout: 120_000 },
);

test("finds the libraries that the loader finds, for programs of this host", () => {
  hostLibc();
  const names = readdirSync("/usr/bin").toSorted();
  const step = Math.max(1, Math.floor(names.length / 120));
  const programs = names
    .filter((_, index) => index % step === 0)
    .map((name) => join("/usr/bin", name))
    .filter(isDynamicProgram)
    .slice(0, 50);
  assert.ok(programs.length > 15, `${programs.length} programs`);
  for (const program of programs) assert.equal(closure({ files: program }), loaderClosure(program), program);
});

test("libraries that stand in for others come along, as the loader loads them; optional ones where they are there", () => {
  const root = rootWithGlibc();
  const program: ElfFixture = { interpreter: LOADER, runpath: "/opt/lib" };
  elf(root, "opt/lib/libapi.so", { soname: "libapi.so", filters: ["libimpl.so"], runpath: "/opt/impl" });
  elf(root, "opt/impl/libimpl.so", { soname: "libimpl.so", needed: ["libdeep.so"], runpath: "$ORIGIN" });
  elf(root, "opt/impl/libdeep.so", { auxiliaries: ["libfast.so", "libabsent.so"], runpath: "/opt/fast" });
  elf(root, "opt/fast/libfast.so", { soname: "libfast.so", filters: ["libc.so.6"] });
  elf(root, "opt/lib/libplain.so", { soname: "libplain.so", auxiliaries: ["libforeign.so"], runpath: "/opt/foreign" });
  elf(root, "opt/foreign/libforeign.so", { machine: 183 });
  elf(root, "opt/bin/filter", { ...program, needed: ["libapi.so"] });
  elf(root, "opt/bin/plain", { ...program, needed: ["libplain.so", "libc.so.6"] });
  for (const name of ["filter", "plain"]) {
    assert.equal(closure({ files: `/opt/bin/${name}`, root }), loaderClosure(`/opt/bin/${name}`, root), name);
  }
  elf(root, "opt/bin/broken", { ...program, filters: ["libgone.so"], needed: ["libc.so.6"] });
  assert.match(
    messageOf(() => collect({ files: "/opt/bin/broken", root })),
    /E_ELF_NOT_FOUND Cannot find libgone.so/,
  );
});

test("search paths of programs and libraries are obeyed as by the loader", () => {
  const root = rootWithGlibc();
  const program: ElfFixture = { interpreter: LOADER };
  elf(root, "opt/plain/libplain.so", { soname: "libplain.so" });
  elf(root, "opt/rpath/libr.so", { soname: "libr.so", needed: ["libinherited.so", "libc.so.6"] });
  elf(root, "opt/rpath/libinherited.so", {});
  elf(root, "opt/rpath/libtwice.so", { soname: "libtwice.so" });
  elf(root, "opt/other/libtwice.so", { soname: "libtwice.so" });
  elf(root, "opt/other/libinherited.so", {});
  // RPATH goes on to libraries, and a name that is loaded is not sought again.
  elf(root, "opt/bin/rpath", { ...program, rpath: "/opt/rpath", needed: ["libr.so", "libtwice.so", "libuser.so"] });
  elf(root, "opt/rpath/libuser.so", { rpath: "/opt/other", needed: ["libtwice.so", "libinherited.so"] });
  // A RUNPATH is for its own object alone, and beats its RPATH; a library with one gets no RPATH of others.
  elf(root, "opt/bin/runpath", {
    ...program,
    rpath: "/opt/other",
    runpath: "/nowhere:/opt/rpath",
    needed: ["libtwice.so"],
  });
  elf(root, "opt/bin/inner", { ...program, rpath: "/opt/rpath", needed: ["librun.so"] });
  elf(root, "opt/rpath/librun.so", { runpath: "/opt/other", needed: ["libinherited.so", "libtwice.so"] });
  elf(root, "opt/bin/both", { ...program, rpath: "/opt/other", runpath: "/opt/rpath", needed: ["libbare.so"] });
  elf(root, "opt/rpath/libbare.so", { needed: ["libtwo.so"] });
  elf(root, "opt/other/libtwo.so", {});
  elf(root, "usr/lib/libtwo.so", {});
  // Dynamic string tokens: of a program its real directory, of a library where it was found.
  elf(root, "opt/app/bin/origin", { ...program, runpath: "$ORIGIN/../lib:${ORIGIN}", needed: ["libnear.so"] });
  elf(root, "opt/app/store/libnear.so.1.0", { soname: "libnear.so", runpath: "$ORIGIN/deep", needed: ["libdeep.so"] });
  link(root, "opt/app/lib/libnear.so", "../store/libnear.so.1.0");
  elf(root, "opt/app/lib/deep/libdeep.so", {});
  elf(root, "opt/app/store/deep/libdeep.so", {});
  elf(root, "opt/tokens/x86_64/libplat.so", {});
  elf(root, "opt/bin/tokens", {
    ...program,
    runpath: "/opt/tokens/$PLATFORM:/usr/$LIB:$UNKNOWN",
    needed: ["libplat.so", "liblib.so"],
  });
  const multiarch = existsSync(join(root, "usr/lib/x86_64-linux-gnu")) ? "usr/lib/x86_64-linux-gnu" : "usr/lib64";
  elf(root, `${multiarch}/liblib.so`, {});
  // Another architecture's library of the name is passed over; the loader's default directories come last.
  elf(root, "opt/foreign/libdefault.so", { machine: 183 });
  elf(root, "usr/lib/libdefault.so", { soname: "libother-name.so" });
  elf(root, "opt/bin/default", {
    ...program,
    runpath: "/opt/foreign",
    needed: ["libdefault.so", "libother-name.so", "libc.so.6"],
  });
  // Paths in place of names.
  elf(root, "opt/bin/path", { ...program, needed: ["/opt/plain/libplain.so", "libplain.so"] });
  // The cache.
  put(root, "etc/ld.so.conf", "/opt/plain\n");
  runAsRoot([requireTool("ldconfig"), "-i", "-r", root]);
  elf(root, "opt/bin/cache", { ...program, needed: ["libplain.so"] });

  for (const name of [
    "bin/rpath",
    "bin/runpath",
    "bin/inner",
    "bin/both",
    "app/bin/origin",
    "bin/tokens",
    "bin/default",
    "bin/path",
    "bin/cache",
  ]) {
    const file = `/opt/${name}`;
    assert.equal(closure({ files: file, root }), loaderClosure(file, root), file);
  }
  elf(root, "opt/bin/nodeflib", { ...program, flags1: 0x800, needed: ["libplain.so"] });
  assert.match(
    messageOf(() => collect({ files: "/opt/bin/nodeflib", root })),
    /E_ELF_NOT_FOUND Cannot find libplain\.so, which \/opt\/bin\/nodeflib needs/,
  );
});

test("what the loader finds through this host's cache alone is found in the image too", () => {
  const root = rootWithGlibc();
  elf(root, "opt/plain/libplain.so", { soname: "libplain.so" });
  elf(root, "opt/bin/cache", { interpreter: LOADER, needed: ["libplain.so"] });
  put(root, "etc/ld.so.conf", "/opt/plain\n");
  runAsRoot([requireTool("ldconfig"), "-i", "-r", root]);
  const image = tmp();
  materializeTree(withLoaderCache(merge(collect({ files: "/opt/bin/cache", root })), "amd64"), image, {
    purpose: "script",
    faked: false,
  });
  assert.match(
    runAsRoot([requireTool("chroot"), image, LOADER, "--list", "/opt/bin/cache"]),
    "libplain.so => /opt/plain/libplain.so",
  );
});

test("a program's node needs its libraries; links are where they belong", () => {
  const root = rootWithGlibc();
  elf(root, "usr/lib/libx.so.1.2", { soname: "libx.so.1", needed: ["libc.so.6"] });
  link(root, "usr/lib/libx.so.1", "libx.so.1.2");
  elf(root, "opt/v1/bin/app", { interpreter: LOADER, needed: ["libx.so.1"] }, 0o4711);
  link(root, "usr/bin", "../opt/v1/bin");
  const { nodes, roots, image } = collect({ files: "app", root });
  const id = (path: string): string => `elf:${root}:${path}`;
  assert.equal(roots, [id("/opt/v1/bin/app")]);
  const app = nodes.find((node) => node.id === roots[0])!;
  assert.equal([app.kind, app.name, app.size], ["elf", "app", 0x2000]);
  assert.ok(app.needs.includes(id("/usr/lib/libx.so.1.2")));
  assert.ok(app.needs.some((need) => need.endsWith("ld-linux-x86-64.so.2")));
  const entry = app.tree.get(treePath("opt/v1/bin/app"))!;
  assert.equal([entry.mode, entry.uid, entry.gid, entry.mtime], [0o755, 0, 0, 1]);
  const library = nodes.find((node) => node.name === "libx.so.1")!;
  assert.equal(
    library.tree
      .entries()
      .filter(({ type }) => type !== "directory")
      .map(({ path, type }) => `${type} ${path}`),
    ["symlink usr/lib/libx.so.1", "file usr/lib/libx.so.1.2"],
  );
  const links = image!
    .entries()
    .filter(({ type }) => type === "symlink")
    .map(({ path }) => path);
  assert.ok(
    links.includes(treePath("lib")) && links.includes(treePath("lib64")) && links.includes(treePath("usr/bin")),
  );
});

test("dest moves the program and nothing else", () => {
  const root = rootWithGlibc();
  elf(root, "opt/bin/app", { interpreter: LOADER, needed: ["libc.so.6"], rpath: "$ORIGIN/../lib" });
  elf(root, "opt/bin/tool", { interpreter: LOADER });
  const at = (options: Partial<ElfOptions>): string[] =>
    merge(collect({ files: "/opt/bin/app", root, ...options }))
      .entries()
      .map(({ path }) => path as string);
  assert.ok(at({ dest: "/srv/server" }).includes("srv/server"));
  assert.not.ok(at({ dest: "/srv/server" }).includes("opt/bin/app"));
  const both = at({ files: ["/opt/bin/app", "/opt/bin/tool"], dest: "srv/" });
  assert.ok(both.includes("srv/app") && both.includes("srv/tool"));
  const events: BuildEvent[] = [];
  collect({ files: "/opt/bin/app", root, dest: "/srv/" }, { emit: (event) => events.push(event) });
  assert.equal(
    events.map(({ type }) => type),
    ["warning"],
  );
});

test("libraries that are loaded by name come along when they are named", () => {
  const root = rootWithGlibc();
  elf(root, "opt/bin/app", { interpreter: LOADER, needed: ["libc.so.6"] });
  elf(root, "usr/lib/libnss_x.so.2", { soname: "libnss_x.so.2", needed: ["libhelp.so"] });
  elf(root, "usr/lib/libhelp.so", {});
  elf(root, "opt/plugin.so", {});
  const found = closure({ files: "/opt/bin/app", root, also: ["libnss_x.so.2", "/opt/plugin.so"] });
  for (const path of ["/usr/lib/libnss_x.so.2", "/usr/lib/libhelp.so", "/opt/plugin.so"])
    assert.ok(found.includes(path), path);
  assert.match(
    messageOf(() => collect({ files: "/opt/bin/app", root, also: ["libgone.so"] })),
    "Cannot find libgone.so, which /opt/bin/app needs",
  );
});

test("musl's loader has its own rules", () => {
  const root = tmp();
  const program: ElfFixture = { interpreter: "/lib/ld-musl-x86_64.so.1" };
  elf(root, "lib/ld-musl-x86_64.so.1", { soname: "libc.so" });
  elf(root, "usr/local/lib/liba.so", { needed: ["libc.musl-x86_64.so.1", "libb.so"] });
  elf(root, "usr/lib/libb.so", { needed: ["libpthread.so.0"] });
  elf(root, "opt/lib/libr.so", { needed: ["libinherited.so"], runpath: "/nowhere" });
  elf(root, "opt/lib/libinherited.so", {});
  elf(root, "bin/app", { ...program, needed: ["liba.so", "libr.so", "libc.so"], runpath: "/opt/lib" });
  assert.equal(closure({ files: "/bin/app", root }), [
    "/bin/app",
    "/lib/ld-musl-x86_64.so.1",
    "/opt/lib/libinherited.so",
    "/opt/lib/libr.so",
    "/usr/lib/libb.so",
    "/usr/local/lib/liba.so",
  ]);
  put(root, "etc/ld-musl-x86_64.path", "/opt/only\n/lib:/usr/lib");
  assert.match(
    messageOf(() => collect({ files: "/bin/app", root })),
    "Cannot find liba.so, which /bin/app needs; sought in /opt/lib, /opt/only, /lib, /usr/lib",
  );
  elf(root, "opt/only/liba.so", {});
  assert.ok(merge(collect({ files: "/bin/app", root })).get(treePath("etc/ld-musl-x86_64.path")));
});

test("directories that may not be entered are passed over", () => {
  const root = tmp();
  elf(root, "usr/local/bin/app", { type: 2, dynamic: false });
  elf(root, "usr/bin/app", { type: 2, dynamic: false });
  chmodSync(join(root, "usr/local/bin"), 0o000);
  const found = closure({ files: "app", root });
  chmodSync(join(root, "usr/local/bin"), 0o755);
  assert.equal(found, [process.getuid?.() === 0 ? "/usr/local/bin/app" : "/usr/bin/app"]);
});

test("static programs come alone", () => {
  const root = tmp();
  elf(root, "bin/app", { type: 2, dynamic: false });
  assert.equal(closure({ files: "app", root }), ["/bin/app"]);
});

test("what cannot be collected is named, with the reason", () => {
  const root = rootWithGlibc();
  put(root, "usr/bin/script", "#!/bin/sh\n");
  chmodSync(join(root, "usr/bin/script"), 0o755);
  elf(root, "usr/bin/arm", { machine: 183 });
  elf(root, "usr/bin/lost", { interpreter: "/lib/ld-gone.so.1" });
  elf(root, "usr/bin/outer", { interpreter: LOADER, needed: ["libmiddle.so"] });
  elf(root, "usr/lib/libmiddle.so.1", { runpath: "/opt/x", needed: ["libgone.so.7"] });
  link(root, "usr/lib/libmiddle.so", "libmiddle.so.1");
  const failure = (files: string, options: { platform?: Platform; root?: undefined } = {}): string =>
    messageOf(() => collect({ files, ...("root" in options ? {} : { root }) }, options));
  assert.match(failure("nothing"), 'E_ELF_NOT_FOUND Cannot find the command "nothing" in PATH');
  assert.match(
    failure("/usr/bin/nothing"),
    "E_ELF_NOT_FOUND There is no regular file /usr/bin/nothing under the root directory",
  );
  assert.match(failure("script"), "E_ELF_INVALID /usr/bin/script is not an ELF file");
  assert.match(failure("arm"), "E_ELF_ARCHITECTURE /usr/bin/arm is for arm64, but the image is for linux/amd64");
  assert.match(failure("lost"), "E_ELF_NOT_FOUND Cannot find /lib/ld-gone.so.1, the dynamic loader of /usr/bin/lost");
  assert.match(
    failure("outer"),
    /E_ELF_NOT_FOUND Cannot find libgone\.so\.7, which \/lib\/\S+ \(\/usr\/lib\/libmiddle\.so\.1\) needs; sought in \/opt\/x, \/lib/,
  );
  assert.match(failure("./nothing-here", { root: undefined }), "E_ELF_NOT_FOUND There is no regular file /");
});

test("options are checked when the config is read", () => {
  const problems = (options: unknown): string[] =>
    (v.safeParse(elfSchema, options).issues ?? []).map(
      (issue) => `${(issue.path ?? []).map(({ key }) => String(key)).join(".")}: ${issue.message}`,
    );
  assert.equal(problems({ files: "node" }), []);
  assert.equal(problems({ files: ["node", "bash"], dest: "/opt/", also: ["libnss_dns.so.2"] }), []);
  assert.match(problems({ files: ["node", "bash"], dest: "/opt" })[0]!, "dest: expected a directory");
  assert.is(problems({ files: [] }).length, 1);
  assert.is(problems({ files: "node", root: "" }).length, 1);
  assert.ok(problems({ file: "node" }).length > 0);
  assert.equal(elfSource({ files: "node" }), { kind: "elf", options: { files: "node" } });
});

test.run();

interface Circumstances {
  readonly platform?: Platform;
  readonly emit?: (event: BuildEvent) => void;
}

function collect(options: ElfOptions, { platform = AMD64, emit = () => {} }: Circumstances = {}): Collected {
  return collectElf(options, { directory: tmp(), platform, emit });
}

function merge({ nodes, image }: Collected): FileTree {
  const parts = [{ origin: "image", tree: image! }, ...nodes.map(({ id, tree }) => ({ origin: id, tree }))];
  return mergeTrees(parts, { collisions: "error" });
}

/** Real paths of what was collected. */
function closure(options: ElfOptions): string[] {
  const { nodes } = collect(options);
  return nodes
    .flatMap(({ tree }) =>
      tree
        .entries()
        .filter(({ type }) => type === "file")
        .map(({ path }) => `/${path}`),
    )
    .toSorted();
}

/** Real paths of what the loader would load, itself and the program counted. */
function loaderClosure(program: string, root = "/"): string[] {
  const list = [LOADER, "--list", program] as const;
  const output =
    root === "/"
      ? spawnSync(list[0], list.slice(1), { encoding: "latin1", env: {} }).stdout
      : runAsRoot([requireTool("chroot"), root, ...list]);
  assert.not.match(output, "not found");
  const paths = [...output.matchAll(/^\t(?:.* => )?(\/.*) \(0x[0-9a-f]+\)$/gm)].map((match) => match[1]!);
  const tree = FileTree.of(root === "/" ? [] : walk(hostPath(root), { modes: "git" }));
  const inRoot = (path: string): string => (root === "/" ? realpathSync(path) : `/${lookup(tree, path)!.path}`);
  return [...new Set([program, LOADER, ...paths].map(inRoot))].toSorted();
}

function isDynamicProgram(file: string): boolean {
  if (!lstatSync(file).isFile()) return false;
  const fd = openSync(file, "r");
  try {
    const start = Buffer.alloc(4096);
    readSync(fd, start, 0, 4096, 0);
    return start.toString("latin1", 0, 4) === "\x7fELF" && start.includes(LOADER);
  } finally {
    closeSync(fd);
  }
}

function put(root: string, path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

function elf(root: string, path: string, shape: ElfFixture, mode = 0o755): void {
  put(root, path, makeElf(shape));
  chmodSync(join(root, path), mode);
}

function link(root: string, path: string, target: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(target, join(root, path));
}

/** `CODE message` of what `work` throws. */
function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof ImageDslError) return `${error.code} ${error.message}`;
    throw error;
  }
  throw new Error("nothing was thrown");
}
