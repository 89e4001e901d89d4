/** A project whose lock, settings, patches and members are somebody else's, and packages that nobody would publish. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { MESH_DEPENDENCIES, yarnMesh } from "../../../plugins/npm/yarn-mesh.ts";
import type { Attack } from "../../attack.ts";
import { tarOf } from "../../make/tar.ts";

type Files = Readonly<Record<string, string | Uint8Array | object>>;

/** Texts and bytes as they are, else JSON. */
function write(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    const isPlain = typeof content === "string" || content instanceof Uint8Array;
    writeFileSync(join(folder, path), isPlain ? content : JSON.stringify(content));
  }
}

function attack(name: string, make: (folder: string) => void, ends: Attack["ends"]): Attack {
  return { name, make, image: `dsl.image({ name: "t", contents: dsl.npm({}) })`, ends };
}

/** `manifest`: what its package.json holds, as it stands there. */
function tarball(manifest = '{"name":"x","version":"1.0.0"}'): Uint8Array {
  return gzipSync(tarOf({ name: "package/package.json", body: manifest }, { name: "package/a", body: "a\n" }));
}

const ROOT = { name: "p", version: "1.0.0" };

/** A package-lock.json, and the package.json that it is for. */
function locked(manifest: object, packages: object): Files {
  const root = { ...ROOT, ...manifest };
  return {
    "package.json": root,
    "package-lock.json": { ...ROOT, lockfileVersion: 3, packages: { "": root, ...packages } },
  };
}

const ONE: Files = {
  "x.tgz": tarball(),
  ...locked({ dependencies: { x: "file:x.tgz" } }, { "node_modules/x": { version: "1.0.0", resolved: "file:x.tgz" } }),
};

/** By Bun's lock. */
function patched(name: string, patch: string, ends: Attack["ends"]): Attack {
  const dependencies = { x: "./x.tgz" };
  const patchedDependencies = { "x@undefined": "x.patch" };
  const workspaces = { "": { name: "p", dependencies } };
  const packages = { x: ["x@./x.tgz", {}] };
  return attack(
    name,
    (folder) =>
      write(folder, {
        "x.tgz": tarball(),
        "x.patch": patch,
        "package.json": { ...ROOT, dependencies, patchedDependencies },
        "bun.lock": { lockfileVersion: 1, workspaces, packages, patchedDependencies },
      }),
    ends,
  );
}

function created(path: string): string {
  return `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+x\n`;
}

/** A workspace's member whose package.json holds this, too. */
function member(name: string, manifest: object, files: Files, ends: Attack["ends"]): Attack {
  const link = { resolved: "packages/m", link: true };
  return attack(
    name,
    (folder) =>
      write(folder, {
        ...locked(
          { workspaces: ["packages/*"], dependencies: { m: "1.0.0" } },
          { "node_modules/m": link, "packages/m": { name: "m", version: "1.0.0" } },
        ),
        "packages/m/package.json": { name: "m", version: "1.0.0", ...manifest },
        ...files,
      }),
    ends,
  );
}

const times = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, at) => text(at)).join("");
/** JSON of 60 MB, of which each three bytes are an object. */
const OBJECTS = `[${"{},".repeat(20_000_000)}0]`;

export const attacks: readonly Attack[] = [
  attack(
    "an .npmrc of 150,000 keys",
    (folder) => write(folder, { ...ONE, ".npmrc": times(150_000, (at) => `${at.toString(36)}=\n`) }),
    {
      told: [],
    },
  ),
  patched("a patch that begins at line 99,999,999,999", "--- a/a\n+++ b/a\n@@ -99999999999,0 +99999999999 @@\n+x\n", {
    code: "E_NPM_PACKAGE",
    says: ["x.patch", /line \d+ of \/a is not what it is made for/],
  }),
  patched(
    "a patch that makes 20,000 files",
    times(20_000, (at) => created(`f${at}`)),
    { told: [] },
  ),
  patched("a patch that puts a file below a file", created("a/b"), {
    code: "E_NPM_PACKAGE",
    says: ["x.patch", "/a is no folder"],
  }),
  attack(
    "a lock of 20 million objects",
    (folder) =>
      write(folder, {
        "package.json": ROOT,
        "package-lock.json": `{"lockfileVersion":3,"packages":{},"x":${OBJECTS}}`,
      }),
    { code: "E_NPM_LOCK", says: ["package-lock.json", "json.values"] },
  ),
  attack(
    "a bun.lock with a text of twelve million escapes",
    (folder) => write(folder, { "package.json": ROOT, "bun.lock": `{"x":"${"\\n".repeat(12_000_000)}"}` }),
    { code: "E_NPM_LOCK", says: ["bun.lock", "says no lockfileVersion"] },
  ),
  attack(
    "a yarn.lock of one line of 20 MB",
    (folder) =>
      write(folder, { "package.json": ROOT, "yarn.lock": `# yarn lockfile v1\n"${"a".repeat(20_000_000)}":\n` }),
    { code: "E_NPM_LOCK", says: ["yarn.lock", "line 2 is none that Yarn 1 writes"] },
  ),
  attack(
    "a yarn.lock of ten packages that all need each other",
    (folder) =>
      write(folder, {
        "package.json": { name: "p", dependencies: MESH_DEPENDENCIES },
        ".yarnrc.yml": "nodeLinker: node-modules\n",
        "yarn.lock": yarnMesh(),
      }),
    { code: "E_NPM_LOCK", says: ["yarn.lock", "npm.hoisting"] },
  ),
  attack(
    "a package whose package.json is 40 MB of objects",
    (folder) =>
      write(folder, { ...ONE, "x.tgz": tarball(`{"name":"x","version":"1.0.0","x":[${"{},".repeat(13_000_000)}0]}`) }),
    { code: "E_NPM_PACKAGE", says: ["has a package.json of more than 4MiB"] },
  ),
  attack(
    "a member that is a link out of the project",
    (folder) => {
      const out = join(folder, "../out");
      write(out, { "package.json": { name: "m", version: "1.0.0" } });
      writeFileSync(join(out, "copy"), readFileSync(join(folder, "../secret")));
      write(folder, {
        ...locked(
          { workspaces: ["packages/*"], dependencies: { m: "1.0.0" } },
          { "node_modules/m": { resolved: "packages/m", link: true }, "packages/m": { name: "m", version: "1.0.0" } },
        ),
        "packages/README": "",
      });
      symlinkSync("../../out", join(folder, "packages/m"));
    },
    { code: "E_NPM_LOCK", says: ['m is "packages/m", which is not in the project\'s folder'] },
  ),
  member(
    "a member whose files are numbers",
    { files: [1] },
    {},
    { code: "E_NPM_PROJECT", says: ["its files are no list of texts"] },
  ),
  member(
    "a member whose files are an object",
    { files: { a: 1 } },
    {},
    { code: "E_NPM_PROJECT", says: ["package.json"] },
  ),
  member(
    "a member with a rule of 70,000 characters",
    {},
    { "packages/m/.npmignore": "a".repeat(70_000) },
    {
      code: "E_NPM_PROJECT",
      says: [".npmignore publishes: it has a line of 70000 characters"],
    },
  ),
  member(
    "a member with a folder for rules",
    {},
    { "packages/m/lib/.gitignore/a": "" },
    {
      code: "E_NPM_PROJECT",
      says: ["lib/.gitignore"],
    },
  ),
  attack(
    "a workspace that is all of this machine",
    (folder) =>
      write(folder, {
        "package.json": { ...ROOT, private: true, workspaces: ["{packages,/}/**"] },
        "yarn.lock": "# yarn lockfile v1\n",
      }),
    { code: "E_NPM_LOCK", says: ["which is not in the project's folder"] },
  ),
];
