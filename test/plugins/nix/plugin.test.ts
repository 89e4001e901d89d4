import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import {
  createBuilder,
  type BuildEvent,
  type BuildResult,
  type DoctorCheck,
  type ImageDslError,
  isRoot,
  type Platform,
  type Source,
} from "../../../core/index.ts";
import {
  build,
  files,
  text,
  buildImageWithNixDb,
  buildLayeredImage,
  buildLayeredImageWithNixDb,
  elf,
  nix,
  type Config,
} from "../../../plugins/index.ts";
import { nixPlugin } from "../../../plugins/nix/index.ts";
import { runCli, writeProject } from "../../e2e/support.ts";
import { requireTool, suite, tmp } from "../../harness.ts";
import { nixFixture, type NixFixture } from "./store-fixture.ts";

const test = suite("nix", { timeout: 120_000 });

let host: NixFixture;
test.before(() => {
  host = nixFixture();
});

interface Built {
  /** The root file system, laid out. */
  readonly root: string;
  readonly result: BuildResult;
  readonly events: readonly BuildEvent[];
}

async function rootOf(image: Config, platforms?: readonly Platform[]): Promise<Built> {
  const root = join(tmp(), "root");
  const events: BuildEvent[] = [];
  const [result] = await build(image, {
    directory: host.prefix,
    store: tmp(),
    jobs: 1,
    ...(platforms && { platforms }),
    outputs: [`rootfs:${root}`],
    onEvent: (event) => void events.push(event),
  });
  return { root, result: result!, events };
}

/** Nix of this machine over the store of a root that was laid out elsewhere. */
function nixOn(root: string, ...args: string[]): string {
  const store = `local?root=${root}&real=${root}${host.store}&state=${root}${host.state}&log=${root}/log`;
  return host.run("nix-store", "--store", store, ...args);
}

const lines = (text: string): string[] => text.split("\n").toSorted();
const namesIn = (directory: string): string[] => readdirSync(directory).toSorted();
const storeNames = (root: string): string[] =>
  readdirSync(join(root, host.store))
    .map((name) => name.slice(33))
    .toSorted();
const of = (attribute: string) => nix({ expression: `(${host.expression}).${attribute}` });
const layered = (contents: readonly Source[], more = {}) => buildLayeredImage({ name: "app", contents, ...more });

async function failure(work: Promise<unknown>): Promise<ImageDslError> {
  try {
    await work;
  } catch (error) {
    return error as ImageDslError;
  }
  throw new Error("It did not fail");
}

test("a program is linked into the root, and all that it needs lies in the store (4.2: 10, 11, 31)", async () => {
  const { root } = await rootOf(layered([of("hello"), of("text"), of("link")]));
  const hello = host.build("hello");
  assert.is(readlinkSync(join(root, "bin/hello")), `${hello}/bin/hello`);
  assert.is(readlinkSync(join(root, "bin/hi")), "hello");
  assert.equal(storeNames(root), ["dep-1.0", "hello-2.12", "link", "middle-1.1", "single.txt"]);
  assert.is(readlinkSync(join(root, host.build("link"))), hello);
  assert.is(readFileSync(join(root, host.build("text")), "utf8"), "text\n");
  const modeOf = (path: string) => (lstatSync(join(root, path)).mode & 0o7777).toString(8);
  assert.equal([`${host.prefix}/nix`, host.store, hello, `${hello}/bin/hello`, host.build("text")].map(modeOf), [
    "755",
    "755",
    "555",
    "555",
    "444",
  ]);
});

test("a store path, a link to one and a flake's output are taken as well", async () => {
  const hello = host.build("hello");
  symlinkSync(hello, join(host.prefix, "result"));
  const flake = join(host.prefix, "flake");
  mkdirSync(flake);
  writeFileSync(
    join(flake, "flake.nix"),
    `{ outputs = { self }: { packages.\${builtins.head [ "x86_64-linux" ]}.default = (import ./definitions.nix).hello; }; }`,
  );
  writeFileSync(
    join(flake, "definitions.nix"),
    readFileSync(join(host.prefix, "definitions.nix"), "utf8").replaceAll("builtins.currentSystem", '"x86_64-linux"'),
  );
  for (const source of [{ storePath: hello }, { storePath: "result" }, { installable: "path:flake#" }]) {
    const { root } = await rootOf(layered([nix(source)]));
    assert.is(readlinkSync(join(root, "bin/hello")), `${hello}/bin/hello`, JSON.stringify(source));
  }
});

test("layers are store paths, in the plan's words; nothing of the closure is lost in few of them (4.2: 26)", async () => {
  const { result } = await rootOf(layered([of("hello")]));
  const { result: two, root } = await rootOf(layered([of("hello")], { maxLayers: 2 }));
  assert.is(result.image.layers.length, 4);
  assert.is(two.image.layers.length, 2);
  assert.equal(storeNames(root), ["dep-1.0", "hello-2.12", "middle-1.1"]);
  const { result: again } = await rootOf(layered([of("hello"), of("text")]));
  const digests = await Promise.all(again.image.layers.map((layer) => layer.diffID()));
  const shared = await Promise.all(result.image.layers.slice(0, 3).map((layer) => layer.diffID()));
  assert.ok(
    shared.every((digest) => digests.includes(digest)),
    "an image with more shares the layers of one with less",
  );
});

test("Nix takes the database for its own: references, hashes and roots are right (4.2: 9, 29, 47)", async () => {
  const { root } = await rootOf(layered([of("hello"), of("text")], { includeNixDB: true }));
  assert.equal(namesIn(join(root, host.state)), ["db", "gcroots", "profiles", "temproots"]);
  assert.equal(namesIn(join(root, host.state, "db")), ["db.sqlite", "schema"]);
  const [hello, middle, dep, single] = ["hello", "middle", "dep", "text"].map(host.build) as [
    string,
    string,
    string,
    string,
  ];
  assert.is(nixOn(root, "--query", "--references", `${hello}/bin/hello`), middle);
  assert.is(nixOn(root, "--query", "--references", dep), dep);
  assert.is(nixOn(root, "--query", "--referrers", middle), hello);
  assert.equal(lines(nixOn(root, "--query", "--requisites", hello)), [hello, middle, dep].toSorted());
  assert.equal(lines(nixOn(root, "--gc", "--print-live")), [hello, middle, dep, single].toSorted());
  nixOn(root, "--verify", "--check-contents");
  chmodSync(join(root, single), 0o644);
  writeFileSync(join(root, single), "other");
  assert.throws(() => nixOn(root, "--verify", "--check-contents"), /modified/);
});

const INSIDE = {
  HOME: "/",
  USER: "root",
  PATH: "/usr/bin:/bin",
  NIX_CONFIG: "sandbox = false\nbuild-users-group =\nsubstituters =",
};

test("the program runs as any user; Nix inside the image answers for itself, and adds to it (4.2: 1, 9, 10)", async () => {
  const chroot = requireTool(isRoot() ? "chroot" : "root, to enter an image");
  const { root } = await rootOf(
    layered([of("hello"), elf({ files: ["nix-store", "/bin/sh", "/bin/cat"] })], { includeNixDB: true }),
  );
  const hello = host.build("hello");
  const insideAs = (user: string, ...command: string[]) =>
    execFileSync(chroot, [`--userspec=${user}`, root, ...command], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...INSIDE },
    }).trim();
  const inside = (...command: string[]) => insideAs("0:0", ...command);
  assert.is(insideAs("999:999", "/bin/hello"), "some data");
  assert.is(inside("/usr/bin/nix-store", "--query", "--references", hello), host.build("middle"));
  inside("/usr/bin/nix-store", "--verify", "--check-contents");
  // It writes to it as well.
  const added = inside("/usr/bin/nix-store", "--add", "/bin/hello");
  assert.match(added, /-hello$/);
  inside("/usr/bin/nix-store", "--check-validity", added);
});

test("without its store the image has the links alone, and works where the store is mounted (4.2: 2, 3, 4)", async () => {
  const { root, result } = await rootOf(layered([of("hello")], { includeStorePaths: false }));
  assert.is(existsSync(join(root, host.prefix)), false);
  assert.is(result.image.layers.length, 1);
  assert.is(readFileSync(readlinkSync(join(root, "bin/hello")), "utf8").includes(host.build("middle")), true);
  const error = await failure(rootOf(layered([of("hello")], { includeStorePaths: false, includeNixDB: true })));
  assert.match(error.message, "includeStorePaths");
});

test("what config, links, texts or a script's output name is in the image, and in its database (4.2: 37)", async () => {
  const [hello, single] = ["hello", "text"].map(host.build) as [string, string];
  const linked = tmp();
  symlinkSync(host.build("other"), join(linked, "result"));
  const image = buildLayeredImage({
    name: "named",
    contents: [files(linked), text("/etc/data", `${host.build("dep")}/share\n`)],
    config: { Cmd: [`${hello}/bin/hello`] },
    fakeRootCommands: `echo ${single.slice(host.store.length + 1)} > etc/named`,
    includeNixDB: true,
  });
  const { root } = await rootOf(image);
  assert.equal(storeNames(root), ["dep-1.0", "hello-2.12", "middle-1.1", "other-0.1", "single.txt"]);
  assert.is(existsSync(join(root, "bin")), false);
  nixOn(root, "--verify", "--check-contents");
  assert.is(lines(nixOn(root, "--gc", "--print-live")).length, 5);
});

const MENTIONING = `import { archive, buildLayeredImage, step } from "image-dsl";
const content = archive("content.tar");
const scripts = { fakeRootCommands: "chown -h 5 link file; mv link moved; cp file copied; echo >> file" };
const layered = (name, contents, more) => buildLayeredImage({ name, contents, ...more });
export default {
  images: {
    plain: layered("plain", [content]),
    scripts: layered("scripts", [content], scripts),
    based: layered("based", [], { fromImage: layered("base", [content]), ...scripts }),
    made: layered("made", [step({ inputs: { content }, run: "cp -a $inputs_content/link $out/" })]),
  },
};
`;

test("what an archive, a base or a step mentions brings no files of this host, whatever scripts do to it", () => {
  const hash = host.build("hello").slice(host.store.length + 1, host.store.length + 33);
  const cwd = writeProject(tmp(), { "image.config.mjs": MENTIONING, file: `${host.build("other")}/bin/x\n` });
  symlinkSync(`/x/${hash}`, join(cwd, "link"));
  execFileSync("tar", ["-C", cwd, "-cf", join(cwd, "content.tar"), "link", "file"]);
  for (const name of ["plain", "scripts", "based", "made"]) {
    const root = join(cwd, name);
    const { status, stderr } = runCli(["build", name, "-o", `rootfs:${root}`, "--verbose"], {
      cwd,
      env: { IMAGE_DSL_CACHE: join(cwd, "cache") },
    });
    assert.is(status, 0, stderr);
    assert.match(stderr, "which is on this host; it is not brought along");
    assert.is(existsSync(join(root, host.store)), false);
  }
});

test("copied to the root, the store holds only what the copy mentions (4.2: 28)", async () => {
  const { root } = await rootOf(buildImageWithNixDb({ name: "app", copyToRoot: of("hello") }));
  assert.match(readFileSync(join(root, "bin/hello"), "utf8"), host.build("middle"));
  assert.is(lstatSync(join(root, "bin/hello")).mode & 0o7777, 0o555);
  assert.equal(storeNames(root), ["dep-1.0", "middle-1.1"]);
  nixOn(root, "--verify", "--check-contents");
});

test("over a base with a database, both images' paths are registered, and the base's come no second time", async () => {
  const fromImage = layered([of("middle")], { includeNixDB: true });
  const image = buildLayeredImageWithNixDb({ name: "top", contents: of("hello"), fromImage });
  const { root, result } = await rootOf(image);
  assert.equal(storeNames(root), ["dep-1.0", "hello-2.12", "middle-1.1"]);
  const keptBy = lines(nixOn(root, "--gc", "--print-roots")).map((line) => line.replace(/.*-/, ""));
  assert.equal(keptBy.toSorted(), ["1.1", "2.12"]);
  nixOn(root, "--verify", "--check-contents");
  assert.is(result.image.layers.length, 5);
});

test("two programs of one name: an error that names both, or the first with a warning", async () => {
  const both = [of("hello"), of("other")];
  const error = await failure(rootOf(layered(both)));
  assert.is(error.code, "E_TREE_COLLISION");
  assert.match(error.message, `/bin/hello: ${host.build("hello")}/bin/hello and ${host.build("other")}/bin/hello`);
  for (const [collisions, winner, loser] of [
    ["first", "hello", "other"],
    ["last", "other", "hello"],
  ] as const) {
    const { root, events } = await rootOf(layered(both, { collisions }));
    assert.is(readlinkSync(join(root, "bin/hello")), `${host.build(winner)}/bin/hello`);
    assert.ok(
      events.some(
        (event) =>
          event.type === "warning" &&
          event.message === `${host.build(loser)}/bin/hello gave way to ${host.build(winner)}/bin/hello`,
      ),
    );
    // A link to a directory hides nothing of another's directory, and nothing is put behind it into the store.
    assert.equal(namesIn(join(root, "share/lib")), ["data", "dep", "extra"]);
    assert.equal(namesIn(join(root, host.build("middle"), "lib")), ["data", "dep"]);
  }
});

test("the same closure gives the same image, whatever Nix did in between", async () => {
  const digestOf = async () => (await rootOf(layered([of("hello")], { includeNixDB: true }))).result.configDigest;
  const first = await digestOf();
  host.build("other");
  host.run("nix-store", "--optimise");
  assert.is(await digestOf(), first);
});

test("what fails in Nix is told with the end of its log", async () => {
  const broken = await failure(rootOf(layered([of("broken")])));
  assert.is(broken.code, "E_NIX_BUILD");
  assert.match(
    broken.message,
    /^Cannot build the expression "\(import .*broken": nix-build ended with status \d+\n[^]*it is broken\n[^]*failed with exit code 3/,
  );
  const number = await failure(rootOf(layered([nix({ expression: "1" })])));
  assert.match(number.message, /does not evaluate to a derivation/);
  const outside = await failure(rootOf(layered([nix({ storePath: host.prefix })])));
  assert.is(outside.code, "E_NIX_PATH");
  assert.match(outside.message, /is not in the Nix store/);
  const gone = await failure(rootOf(layered([nix({ storePath: `${host.store}/${"0".repeat(32)}-gone` })])));
  assert.is(gone.code, "E_NIX_PATH");
  const flake = await failure(rootOf(layered([nix({ installable: "path:nowhere#x" })])));
  assert.is(flake.code, "E_NIX_BUILD");
  const none = await failure(rootOf(layered([nix({} as never)])));
  assert.match(none.message, /expected one of installable, storePath and expression/);
  const option = await failure(rootOf(layered([nix({ installable: "--impure" })])));
  assert.match(option.message, /does not begin with -/);
});

test("image-dsl doctor tells which Nix is there", async () => {
  const checks: DoctorCheck[] = [];
  await createBuilder([nixPlugin]).hooks.doctor.promise({ add: (check) => void checks.push(check) });
  assert.equal(
    checks.map(({ name, state, purpose }) => [name, state, purpose]),
    [["nix-store", "ok", "nix()"]],
  );
  assert.match(checks[0]!.detail, /\(Nix\) \d/);
});

test("for another platform Nix is told so", async () => {
  const image = layered([
    nix({ expression: `(${host.expression}).mk "says" {} "echo \${builtins.currentSystem} > $out"` }),
  ]);
  const { root } = await rootOf(image, [{ os: "linux", architecture: "arm64" }]);
  const [name] = namesIn(join(root, host.store));
  assert.is(readFileSync(join(root, host.store, name!), "utf8"), "aarch64-linux\n");
  const error = await failure(rootOf(image, [{ os: "linux", architecture: "mips" }]));
  assert.match(error.message, `no system for the platform "linux/mips"`);
});

test("Nix's log is told line by line", async () => {
  const { events } = await rootOf(
    layered([nix({ expression: `(${host.expression}).mk "loud" {} "echo I am loud; echo > $out"` })]),
  );
  assert.ok(
    events.some(
      (event) => event.type === "script-output" && event.script === "nix-build" && event.line === "I am loud",
    ),
  );
});

test.run();
