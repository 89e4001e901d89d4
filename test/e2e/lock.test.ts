// @runtimes node
import { cpSync, existsSync, lstatSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite, tmp } from "../harness.ts";
import { sampled } from "../sampled.ts";
import { SUITE, openArchive, type TestArchive, type TestPackage } from "./debian-archive.ts";
import { cli, digestOf, openFolder, runCli, type RunOptions } from "./support.ts";

const test = suite("e2e/lock");

let archive: TestArchive;
let folder: { path: string; dispose(): void };
let base: RunOptions;

const TWO: readonly TestPackage[] = [
  { name: "server", version: "2.0", fields: { Depends: "library" } },
  { name: "library", version: "2.0" },
  { name: "extra", version: "2.0", fields: { Depends: "library (>= 1.0)" } },
  { name: "other", version: "2.0" },
  {
    name: "base-passwd",
    version: "2.0",
    files: {
      "usr/share/base-passwd/passwd.master": "root:*:0:0:root:/root:/bin/bash\n",
      "usr/share/base-passwd/group.master": "root:*:0:\n",
    },
  },
];

/** What the archive holds at first, and after `publishTwo`; the lock of the first build, and the image's digest. */
let [one, two, first, firstLock] = ["", "", "", ""];

test.before(() => {
  archive = openArchive([
    { name: "server", fields: { Depends: "library" } },
    { name: "library" },
    { name: "extra", fields: { Depends: "library (>= 1.0)" } },
    { name: "other" },
  ]);
  one = copyOf(archive.directory);
  archive.publish(TWO);
  two = copyOf(archive.directory);
  holds(one);
  openProject();
  first = digestOf([], base);
  firstLock = lockText();
  folder.dispose();
});
test.after(() => archive.dispose());

/** A fresh project that asks for these packages, an archive with version 1.0 of all, an empty cache. */
test.before.each(() => {
  holds(one);
  openProject();
});
test.after.each(() => folder.dispose());

test("the first build writes the lock, the second needs neither archive nor network", () => {
  assert.is(digestOf([], base), first);
  assert.is(lockText(), firstLock);
  assert.equal(pinned(), { "base-passwd": "1.0", library: "1.0", other: "1.0", server: "1.0" });
  assert.is(
    archive.away(() => digestOf([], base)),
    first,
  );
  assert.is(lockText(), firstLock);
  assert.is(firstLock, `${JSON.stringify(JSON.parse(firstLock), null, 2)}\n`, "it is written for version control");
});

test("newer packages in the archive change nothing until they are asked for", () => {
  lock();
  publishTwo();
  assert.is(digestOf([], base), first, "the lock's versions are fetched, not the newest");
});

test("a changed request keeps the versions that were pinned, and adds only what is new", () => {
  lock();
  publishTwo();
  writeConfig(["server", "other", "extra"]);
  digestOf([], base);
  assert.equal(versionsOf(["server", "other", "extra"]), {
    "base-passwd": "1.0",
    extra: "2.0",
    library: "1.0",
    other: "1.0",
    server: "1.0",
  });
  assert.equal(versionsOf(["server", "other"])["server"], "1.0", "the entry of the earlier request is still there");
});

test("--update-lock renews everything and drops what no config asks for any more", () => {
  lock();
  publishTwo();
  writeConfig(["server"]);
  digestOf(["--update-lock"], base);
  assert.equal(entries().length, 1);
  assert.equal(pinned(), { "base-passwd": "2.0", library: "2.0", server: "2.0" });
});

test("a renewal lists what moved, is new and is gone; a further package what it moved of the others", () => {
  lock();
  publishTwo();
  const renewal = runCli(["build", "--update-lock", "library", "-o", "digest"], base);
  assert.match(renewal.stderr, /image, packages of test \(amd64\): 1 moved\n {2}library 1\.0 → 2\.0\n/);
  assert.not.match(runCli(["build", "-o", "digest"], base).stderr, "moved");
  const plan = runCli(["plan", "--update-lock"], base);
  assert.match(plan.stderr, /3 moved\n {2}base-passwd 1\.0 → 2\.0\n {2}other .*\n {2}server /);
  archive.publish([
    { name: "server", version: "3.0", fields: { Depends: "library (>= 3.0), extra" } },
    { name: "library", version: "3.0" },
  ]);
  const events = cli(["build", "--update-lock", "server", "-o", "digest", "--json"], base).toString().split("\n");
  const moved = events.map((line) => (line === "" ? {} : JSON.parse(line)) as MovedEvent).filter(isMoved);
  assert.equal(
    moved.map(({ pins }) => pins),
    [
      [
        { name: "extra", to: "2.0" },
        { name: "library", from: "2.0", to: "3.0" },
        { name: "server", from: "1.0", to: "3.0" },
      ],
    ],
  );
  archive.publish([
    { name: "newer", fields: { Depends: "library (>= 4.0)" } },
    { name: "library", version: "4.0" },
  ]);
  writeConfig(["server", "other", "newer"]);
  assert.match(runCli(["build", "-o", "digest"], base).stderr, /: 1 moved\n {2}library 3\.0 → 4\.0\n/);
  writeConfig(["server", "other"]);
});

test("outdated says what a renewal would move, writes nothing, and its status tells", () => {
  writeFileSync(
    join(folder.path, "image.config.mjs"),
    `import { buildLayeredImage, debian, step } from "image-dsl";
const packages = (...names) => debian({ suite: "${SUITE}", mirror: "${archive.uri}", keyring: "${archive.keyring}", packages: names });
const base = buildLayeredImage({ name: "base", contents: packages("server") });
const made = step({ inputs: { other: packages("other") }, run: "mkdir -p $out/x" });
export default { app: buildLayeredImage({ name: "app", fromImage: base, contents: [made] }) };
`,
  );
  const before = treeOf(folder.path);
  const unpinned = runCli(["outdated"], base);
  assert.is(unpinned.status, 3, unpinned.stderr);
  assert.match(unpinned.stdout.toString(), "Not pinned yet: debian app, debian app's base");
  assert.equal(treeOf(folder.path), before);
  cli(["build", "-o", "digest"], base);
  const current = runCli(["outdated"], base);
  assert.equal([current.status, current.stdout.toString()], [0, "Nothing would move\n"]);
  publishTwo();
  const locked = treeOf(folder.path);
  const { status, stdout } = runCli(["outdated"], base);
  assert.is(status, 3);
  assert.is(
    stdout.toString(),
    `app, packages of test (amd64): 2 would move
  base-passwd 1.0 → 2.0
  other 1.0 → 2.0
app's base, packages of test (amd64): 3 would move
  base-passwd 1.0 → 2.0
  library 1.0 → 2.0
  server 1.0 → 2.0
`,
  );
  const json = JSON.parse(runCli(["outdated", "--json"], base).stdout.toString()) as { moved: MovedEvent[] };
  assert.equal(
    json.moved.map(({ target, pins }) => [target, pins.length]),
    [
      ["app", 2],
      ["app's base", 3],
    ],
  );
  assert.equal(treeOf(folder.path), locked);
});

test("--update-lock NAME renews one package", () => {
  lock();
  publishTwo();
  digestOf(["--update-lock", "library"], base);
  assert.equal(pinned(), { "base-passwd": "1.0", library: "2.0", other: "1.0", server: "1.0" });
});

test("building one target keeps the other's pins, and --update-lock NAME renews one target", () => {
  writeTargets({ one: ["server"], two: ["other"] });
  cli(["build", "-o", "digest"], base);
  const before = lockText();
  publishTwo();
  cli(["build", "one", "-o", "digest"], base);
  assert.is(lockText(), before);
  cli(["build", "-o", "digest", "--update-lock", "two"], base);
  assert.is(versionsOf(["server"])["server"], "1.0");
  assert.is(versionsOf(["other"])["other"], "2.0");
});

test("--update-lock NAME with a name that nothing has is refused, and the lock is as it was", () => {
  lock();
  publishTwo();
  const { status, stderr } = runCli(["build", "--update-lock", "servr", "-o", "docker-archive:out.tar"], base);
  assert.is(status, 2, stderr);
  assert.match(stderr, `"servr"`);
  assert.match(stderr, 'Did you mean "server"?');
  assert.is(lockText(), firstLock);
  // Also where a request is new, so that something is pinned all the same; and where nothing was pinned so far.
  writeConfig(["server", "other", "extra"]);
  assert.is(runCli(["build", "--update-lock", "servr", "-o", "digest"], base).status, 2);
  assert.is(lockText(), firstLock);
  rmSync(join(folder.path, "image.lock.json"));
  assert.match(runCli(["build", "--update-lock", "xtra", "-o", "digest"], base).stderr, 'Did you mean "extra"?');
  digestOf(["--update-lock", "extra"], base);
  assert.not(existsSync(join(folder.path, "out.tar")));
});

const DRY = [["plan", "--json"], ["plan"], ["build", "--dry-run", "-o", "digest"], ["build", "--dry-run"]];
for (const state of ["no lock", "a lock", "a lock that is to be renewed"])
  test(`plan and --dry-run write nothing: ${state}`, () => {
    if (state !== "no lock") lock();
    publishTwo();
    const renewal = state === "a lock that is to be renewed" ? ["--update-lock"] : [];
    const before = treeOf(folder.path);
    for (const args of sampled(DRY, 2)) {
      const said = cli([...args, ...renewal], base).toString();
      assert.equal(treeOf(folder.path), before, args.join(" "));
      if (args[1] === "--json") assert.match(said, `"version": "${state === "a lock" ? 1 : 2}.0"`);
    }
  });

for (const [how, args, env] of [
  ["--frozen-lock", ["--frozen-lock"], {}],
  ["CI", [], { CI: "1" }],
] as const) {
  test(`${how}: a request that the lock does not answer ends with status 2, and the lock is as it was`, () => {
    lock();
    const frozen = { ...base, env: { ...base.env, ...env } };
    assert.is(runCli(["build", ...args, "-o", "digest"], frozen).status, 0, "an unchanged request is answered");
    writeConfig(["server", "extra"]);
    const { status, stderr } = runCli(["build", ...args, "-o", "docker-archive:out.tar"], frozen);
    assert.is(status, 2, stderr);
    assert.match(stderr, "lock is frozen");
    assert.match(stderr, "image.lock.json");
    assert.match(stderr, "--frozen-lock");
    assert.is(lockText(), firstLock);
    assert.not(existsSync(join(folder.path, "out.tar")));
  });
}

test("with CI set and no lock there, the build makes one", () => {
  digestOf([], { ...base, env: { ...base.env, CI: "true" } });
  assert.is(pinned()["server"], "1.0");
});

test("--frozen-lock without a lock is refused, and with --update-lock a contradiction", () => {
  assert.is(runCli(["build", "--frozen-lock", "-o", "digest"], base).status, 2);
  assert.not(existsSync(join(folder.path, "image.lock.json")));
  assert.is(runCli(["build", "--frozen-lock", "--update-lock", "-o", "digest"], base).status, 2);
});

test("each platform has pins of its own, and both stay", () => {
  archive.publish(
    ["amd64", "arm64"].map((architecture) => ({
      name: "native",
      architecture,
      files: { "usr/bin/native": architecture },
    })),
  );
  writeConfig(["native"]);
  const build = (platform: string) => digestOf(["--platform", platform], base);
  const [amd64, arm64] = [build("linux/amd64"), build("linux/arm64")];
  assert.is.not(amd64, arm64);
  const architectures = entries().map(({ request }) => request.architecture);
  assert.equal(architectures.sort(), ["amd64", "arm64"]);
  const lock = lockText();
  assert.is(
    archive.away(() => build("linux/amd64")),
    amd64,
  );
  assert.is(
    archive.away(() => build("linux/arm64")),
    arm64,
  );
  assert.is(lockText(), lock);
});

for (const [what, damage] of [
  ["is no JSON", (text: string) => text.slice(0, -20)],
  ["was changed by hand", (text: string) => text.replaceAll('"recommends": false', '"recommends": true')],
  ["is of a later version", (text: string) => text.replace(/"lockVersion": \d+/, '"lockVersion": 99')],
] as const) {
  test(`a lock that ${what} is refused with status 2 and left alone`, () => {
    const damaged = damage(firstLock);
    assert.is.not(damaged, firstLock);
    writeFileSync(join(folder.path, "image.lock.json"), damaged);
    const { status, stderr } = runCli(["build", "-o", "digest"], base);
    assert.is(status, 2, stderr);
    assert.match(stderr, "image.lock.json");
    assert.is(lockText(), damaged);
  });
}

test("a failed build leaves the lock as it was", () => {
  lock();
  writeConfig(["server", "absent"]);
  assert.is(runCli(["build", "-o", "digest"], base).status, 1);
  assert.is(lockText(), firstLock);
});

test.run();

function openProject(): void {
  folder = openFolder("lock");
  base = { cwd: folder.path, env: { IMAGE_DSL_CACHE: join(folder.path, "cache") } };
  writeConfig(["server", "other"]);
}

/** As the first build left it. */
function lock(): void {
  writeFileSync(join(folder.path, "image.lock.json"), firstLock);
}

function publishTwo(): void {
  holds(two);
}

function copyOf(directory: string): string {
  const copy = tmp();
  cpSync(directory, copy, { recursive: true });
  return copy;
}

function holds(state: string): void {
  rmSync(archive.directory, { recursive: true });
  cpSync(state, archive.directory, { recursive: true });
}

function writeConfig(packages: readonly string[]): void {
  writeTargets({ image: packages });
}

function writeTargets(targets: Readonly<Record<string, readonly string[]>>): void {
  const place = { suite: SUITE, mirror: archive.uri, keyring: archive.keyring };
  const images = Object.entries(targets).map(
    ([name, packages]) =>
      `${JSON.stringify(name)}: buildLayeredImage({ name: ${JSON.stringify(name)}, contents: [debian(${JSON.stringify({ ...place, packages })})] }),`,
  );
  writeFileSync(
    join(folder.path, "image.config.mjs"),
    `import { buildLayeredImage, debian } from "image-dsl";\nexport default {\n${images.join("\n")}\n};\n`,
  );
}

interface LockEntry {
  readonly request: { readonly architecture: string; readonly packages: readonly string[] };
  readonly answer: {
    readonly accounts: { readonly name: string; readonly version: string };
    readonly packages: readonly { readonly name: string; readonly version: string }[];
  };
}

interface MovedEvent {
  readonly type: string;
  readonly target: string;
  readonly pins: readonly unknown[];
}

function isMoved({ type }: MovedEvent): boolean {
  return type === "moved";
}

/** All but the cache: kinds, sizes, times of change. */
function treeOf(path: string): readonly string[] {
  const names = readdirSync(path, { recursive: true, encoding: "utf8" }).filter((name) => !/^cache(\/|$)/.test(name));
  return ["", ...names.toSorted()].map((name) => {
    // The cache's folder comes and goes in the project's own.
    if (name === "") return names.join(" ");
    const { mode, size, mtimeNs, ctimeNs } = lstatSync(join(path, name), { bigint: true });
    return [name, mode, size, mtimeNs, ctimeNs].join(" ");
  });
}

function lockText(): string {
  return readFileSync(join(folder.path, "image.lock.json"), "utf8");
}

function entries(): readonly LockEntry[] {
  const lock = JSON.parse(lockText()) as { entries: { debian: Record<string, LockEntry> } };
  return Object.values(lock.entries.debian);
}

/** Versions by name, of the only entry. */
function pinned(): Readonly<Record<string, string>> {
  assert.is(entries().length, 1);
  return versionsIn(entries()[0]!);
}

function versionsOf(packages: readonly string[]): Readonly<Record<string, string>> {
  const entry = entries().find(({ request }) => JSON.stringify(request.packages) === JSON.stringify(packages));
  assert.ok(entry, `no entry for ${packages.join(", ")}`);
  return versionsIn(entry!);
}

function versionsIn({ answer }: LockEntry): Readonly<Record<string, string>> {
  const all = [...answer.packages, answer.accounts].map(({ name, version }) => [name, version] as const);
  return Object.fromEntries(all.sort(([one], [other]) => (one < other ? -1 : 1)));
}
