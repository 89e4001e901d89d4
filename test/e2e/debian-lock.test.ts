// @runtimes node
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../harness.ts";
import { SUITE, openArchive, type TestArchive, type TestPackage } from "./debian-archive.ts";
import { cli, digestOf, openFolder, runCli, sha256, type RunOptions } from "./support.ts";

const test = suite("e2e/debian-lock", { timeout: 120_000 });

/** A package whose installation makes a user of its name. */
function daemon(name: string): TestPackage {
  return { name, postinst: `#!/bin/sh\nset -e\nuseradd --system ${name}\n` };
}

let archive: TestArchive;
let folder: { path: string; dispose(): void };
let base: RunOptions;

test.before.each(() => {
  archive = openArchive([daemon("first"), daemon("second"), { name: "common" }]);
  folder = openFolder("debian-lock");
  base = { cwd: folder.path, env: { IMAGE_DSL_CACHE: join(folder.path, "cache") } };
});
test.after.each(() => {
  archive.dispose();
  folder.dispose();
});

test("two sources of one image: whichever is done first, users have the order that dpkg gives them", () => {
  writeImages({ image: [source(["second"]), source(["first"])] });
  const expected = digestOf([], base);
  assert.match(
    cli(["build", "-o", "rootfs:out", "--quiet"], base).toString() +
      readFileSync(join(folder.path, "out/etc/passwd"), "utf8"),
    /^first:[^]*^second:/m,
  );
  for (const name of ["first", "second"]) {
    // It has to be unpacked anew, so the other one is done before it.
    forget(sha256(readFileSync(archive.deb(name))));
    assert.is(digestOf([], base), expected, `${name} last`);
  }
});

test("targets that ask for the same have pins of their own: --update-lock TARGET touches no other", () => {
  writeImages({ one: [source(["common"])], two: [source(["common"])] });
  cli(["build", "-o", "digest"], base);
  archive.publish([{ name: "common", version: "2.0" }]);
  cli(["build", "one", "two", "-o", "digest", "--update-lock", "two"], base);
  assert.equal(versions(), { one: ["1.0"], two: ["2.0"] });
  const updated = cli(["build", "-o", "digest", "--quiet"], base).toString();
  rmSync(join(folder.path, "cache"), { recursive: true });
  assert.is(cli(["build", "-o", "digest", "--quiet"], base).toString(), updated);
});

test("sources that ask for the same at two mirrors have pins of their own, in one image too", () => {
  const other = openArchive([{ name: "common", version: "3.0" }]);
  try {
    const elsewhere = { mirror: other.uri, keyring: other.keyring };
    writeImages({ one: [source(["common"])], two: [source(["common"], elsewhere)] });
    cli(["build", "-o", "digest"], base);
    assert.equal(versions(), { one: ["1.0"], two: ["3.0"] });
    writeImages({ both: [source(["common"]), source(["common"], elsewhere)] }, { collisions: "first" });
    cli(["build", "-o", "digest"], base);
    assert.equal(versions()["both"], ["1.0", "3.0"]);
  } finally {
    other.dispose();
  }
});

test("a lock that was made unsigned is not obeyed once signatures are wanted", () => {
  rmSync(join(archive.directory, "dists", SUITE, "InRelease"));
  writeImages({ image: [source(["common"], { allowUnsigned: true })] });
  const expected = digestOf([], base);
  assert.is(digestOf([], base), expected);
  const lock = lockText();
  writeImages({ image: [source(["common"])] });
  const { status, stderr } = runCli(["build", "-o", "digest"], base);
  assert.is(status, 1, stderr);
  assert.match(stderr, "not signed");
  assert.match(stderr, "allowUnsigned");
  assert.is(lockText(), lock);
});

test("a version that falls is told, and so is a missing security suite, by each build", () => {
  archive.publish([{ name: "common", version: "2.0" }]);
  writeImages({ image: [source(["common"])] });
  const first = runCli(["build", "-o", "digest"], base);
  assert.match(first.stderr, `No source for ${SUITE}-security`);
  for (const command of [["build", "-o", "digest"], ["plan"]]) {
    assert.match(runCli(command, base).stderr, `No source for ${SUITE}-security`, command[0]);
  }
  rmSync(archive.deb("common", "2.0"));
  archive.sign();
  const { status, stderr } = runCli(["build", "--update-lock", "-o", "digest"], base);
  assert.is(status, 0, stderr);
  assert.match(stderr, "common went back from 2.0 to 1.0");
});

test("another architecture than the platform's is told", () => {
  writeImages({ image: [source(["common"], { architecture: "arm64" })] });
  const { status, stderr } = runCli(["build", "--platform", "linux/amd64", "-o", "digest"], base);
  assert.is(status, 0, stderr);
  assert.match(stderr, "arm64");
  assert.match(stderr, "linux/amd64");
  assert.match(stderr, "--platform");
  assert.not.match(runCli(["build", "--platform", "linux/arm64", "-o", "digest"], base).stderr, "is for linux");
});

test("--frozen-lock: ids that are not in the lock end the build, and the lock is not even formatted", () => {
  writeImages({ image: [source(["first"])] });
  digestOf([], base);
  const file = join(folder.path, "image.lock.json");
  const compact = JSON.stringify(JSON.parse(lockText()));
  writeFileSync(file, compact);
  digestOf(["--frozen-lock"], base);
  assert.is(lockText(), compact);
  const lock = JSON.parse(compact) as { entries: Record<string, unknown> };
  delete lock.entries["debian-ids"];
  const without = JSON.stringify(lock);
  writeFileSync(file, without);
  const { status, stderr } = runCli(["build", "--frozen-lock", "-o", "digest"], base);
  assert.is(status, 2, stderr);
  assert.match(stderr, "debian-ids");
  assert.is(lockText(), without);
});

test.run();

interface Wanted {
  readonly [option: string]: unknown;
}

test("a vendor's archive beside Debian's: the lock says what is from where, and another address is another request", () => {
  const vendors = ["7.0", "8.0"].map((version) =>
    openArchive([
      { name: "tool", version, fields: { Depends: "common" } },
      { name: "common", version: "0.9" },
    ]),
  );
  try {
    const archives = vendors.map(({ uri, keyring }) => ({ mirror: uri, suite: SUITE, keyring }));
    const build = (more: Wanted): void => {
      writeImages({ one: [source(["tool", "first"], more)] });
      cli(["build", "-o", "digest"], base);
    };
    build({ archives: [archives[0]!] });
    const from = (name: string) => lastPins().find((each) => each.name === name);
    assert.equal([from("tool")?.version, from("tool")?.archive], ["7.0", `${vendors[0]!.uri} ${SUITE}/main`]);
    assert.equal([from("common")?.version, from("common")?.archive], ["1.0", `${SUITE}/main`]);
    const known = lockText();
    archive.away(() => vendors[0]!.away(() => build({ archives: [archives[0]!] })));
    assert.is(lockText(), known, "the lock is obeyed without either archive");

    build({ archives: [archives[1]!] });
    assert.is(from("tool")?.version, "8.0", "what one vendor's archive pinned says nothing of another one's");
    build({ archives: [{ ...archives[1]!, priority: 501 }] });
    assert.is(from("common")?.version, "0.9");
    build({ archives: [{ ...archives[1]!, priority: 499 }, archives[0]!] });
    assert.is(from("tool")?.version, "7.0");
  } finally {
    for (const vendor of vendors) vendor.dispose();
  }
});

test("a wrong archive is refused with its place in the config", () => {
  const cases: readonly (readonly [wrong: Wanted, told: RegExp])[] = [
    [{ suite: "x" }, /archives\.0\.mirror/],
    [{ mirror: "apt.example", suite: "x" }, /archives\.0\.mirror.*http/s],
    [{ mirror: "http://a.example", suite: "../x" }, /archives\.0\.suite/],
    [{ mirror: "http://a.example", suite: "./", components: ["main"] }, /archives\.0.*no components/s],
    [{ mirror: "http://a.example", suite: "x", priority: 0 }, /archives\.0\.priority.*1 to 32767/s],
    [{ mirror: "http://a.example", suite: "x", pin: 1 }, /archives\.0\.pin/],
  ];
  for (const [wrong, told] of cases) {
    writeImages({ one: [source(["first"], { archives: [wrong] })] });
    const { status, stderr } = runCli(["build", "-o", "digest"], base);
    assert.is(status, 2, String(stderr));
    assert.match(String(stderr), told);
  }
});

test("a vendor's archive alone is told apart from a distribution", () => {
  rmSync(archive.deb("base-passwd"));
  archive.sign();
  writeImages({ one: [source(["first"])] });
  const { status, stderr } = runCli(["build", "-o", "digest"], base);
  assert.is(status, 1);
  assert.match(String(stderr), /base-passwd[^]*archives: beside it/);
});

function source(packages: readonly string[], more: Wanted = {}): Wanted {
  return { suite: SUITE, mirror: archive.uri, keyring: archive.keyring, packages, ...more };
}

function writeImages(images: Readonly<Record<string, readonly Wanted[]>>, more: Wanted = {}): void {
  const all = Object.entries(images).map(([name, sources]) => {
    const contents = sources.map((each) => `debian(${JSON.stringify(each)})`).join(", ");
    const options = JSON.stringify({ name, ...more }).slice(1, -1);
    return `${JSON.stringify(name)}: buildLayeredImage({ ${options}, contents: [${contents}] }),`;
  });
  writeFileSync(
    join(folder.path, "image.config.mjs"),
    `import { buildLayeredImage, debian } from "image-dsl";\nexport default {\n${all.join("\n")}\n};\n`,
  );
}

/** Removes what was made of a package; the package itself stays. */
function forget(hex: string): void {
  const cache = join(folder.path, "cache");
  for (const kind of readdirSync(cache).filter((name) => name === "packages" || name.startsWith("debian-index"))) {
    for (const extension of [".tar", ".json"])
      rmSync(join(cache, kind, hex.slice(0, 2), hex + extension), { force: true });
  }
}

function lockText(): string {
  return readFileSync(join(folder.path, "image.lock.json"), "utf8");
}

/** The packages of the newest entry: the one that the last build used, as `build` leaves out what none needs. */
function lastPins(): readonly { readonly name: string; readonly version: string; readonly archive: string }[] {
  const { entries } = JSON.parse(lockText()) as {
    entries: { debian: Record<string, { answer: { packages: ReturnType<typeof lastPins> } }> };
  };
  return Object.values(entries.debian).at(-1)!.answer.packages;
}

/** Versions of `common` by target, in the order of the target's archives. */
function versions(): Readonly<Record<string, readonly string[]>> {
  const lock = JSON.parse(lockText()) as {
    entries: {
      debian: Record<
        string,
        {
          request: { target: string; place: number };
          answer: { packages: readonly { name: string; version: string }[] };
        }
      >;
    };
  };
  const found: Record<string, string[]> = {};
  const entries = Object.values(lock.entries.debian).sort((a, b) => a.request.place - b.request.place);
  for (const { request, answer } of entries) {
    (found[request.target] ??= []).push(answer.packages.find(({ name }) => name === "common")!.version);
  }
  return found;
}
