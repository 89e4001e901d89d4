// @runtimes node
/** inspect, diff, copy and prefetch, as a user types them: no config is needed, and nothing is written beside the answer. */
import { existsSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite, tmp } from "../harness.ts";
import { dockerRegistry, type DockerRegistry } from "../plugins/registry/support/docker-registry.ts";
import { cli, must, run, runCli, writeProject, type RunOptions } from "./support.ts";

const test = suite("e2e/image-commands", { timeout: 240_000 });

const CONFIG = `import { buildLayeredImage, text } from "image-dsl";
export default ({ platform }) => ({
  one: buildLayeredImage({ name: "team/one", tag: "1", config: { Cmd: ["/bin/sh"], Env: ["A=1"] },
    contents: [text("/for", platform.architecture), text("/kept", "k".repeat(5000)), text("/old", "old")] }),
  two: buildLayeredImage({ name: "team/two", tag: "2", config: { Cmd: ["/bin/sh"] },
    contents: [text("/for", platform.architecture + "!"), text("/kept", "k".repeat(5000)), text("/new/file", "newer")] }),
});
`;

const folder = tmp();
const inFolder = { cwd: folder, env: { IMAGE_DSL_CACHE: join(folder, ".cache") } };
let registry: DockerRegistry;

test.before(async () => {
  registry = await dockerRegistry();
  writeProject(folder, { "image.config.mjs": CONFIG });
  cli(["build", "--platform", "linux/amd64", "-o", "docker-archive:{target}.docker.tar"], inFolder);
  cli(["build", "one", "--platform", "linux/amd64,linux/arm64", "-o", "oci:both"], inFolder);
});

test.after(() => registry.close());

const json = (...args: string[]) => cliJson(args, inFolder) as Record<string, unknown>;

function cliJson(args: readonly string[], options: RunOptions): unknown {
  return JSON.parse(cli([...args, "--json"], options).toString());
}

interface Inspected {
  readonly images: readonly {
    readonly id: string;
    readonly platform: { readonly architecture: string };
    readonly manifest?: { readonly digest: string };
    readonly config: { readonly Env?: readonly string[] };
    readonly layers: readonly { readonly diffID: string; readonly digest?: string; readonly size?: number }[];
  }[];
}

const inspect = (...args: string[]) => json("inspect", ...args) as unknown as Inspected;

test("inspect tells config, id and layers of an archive, a layout and a registry, as skopeo does", () => {
  const [archived] = inspect("one.docker.tar").images;
  const laid = inspect("oci:both").images;
  assert.equal(
    laid.map(({ platform }) => platform.architecture),
    ["amd64", "arm64"],
  );
  assert.is(archived!.id, laid[0]!.id);
  assert.equal(archived!.config.Env, ["A=1"]);
  assert.is(inspect("oci:both", "--platform", "linux/arm64").images.length, 1);
  const skopeo = JSON.parse(
    must([requireTool("skopeo"), "--override-arch", "arm64", "inspect", "oci:both:team/one:1"], inFolder).toString(),
  ) as { Layers: string[] };
  assert.equal(
    laid[1]!.layers.map(({ digest }) => digest),
    skopeo.Layers,
  );
  const text = cli(["inspect", "one.docker.tar"], inFolder).toString();
  assert.match(text, archived!.id);
  assert.match(text, /Cmd: \["\/bin\/sh"\]/);
});

test("diff names what was added, removed and changed, with the layer that brings it, and config", () => {
  const text = cli(["diff", "one.docker.tar", "two.docker.tar"], inFolder).toString();
  assert.match(text, /^\+ \/new\/file {2}5 B {2}\(layer \d\)$/m);
  assert.match(text, /^- \/old {2}3 B {2}\(layer \d\)$/m);
  assert.match(text, /^~ \/for {2}5 B → 6 B {2}\(layer \d\)$/m);
  assert.match(text, /^~ config\.Env: \["A=1"\] → null$/m);
  assert.not.match(text, /kept/);
  assert.match(text, /2 added, 1 removed, 1 changed/);
  const { images } = json("diff", "one.docker.tar", "one.docker.tar") as unknown as Compared;
  assert.equal([images[0]!.files, images[0]!.config], [[], []]);
  assert.is(images[0]!.layers.shared, images[0]!.layers.after);
});

interface Compared {
  readonly images: readonly {
    readonly platform: { readonly before: object; readonly after: object };
    readonly files: readonly { readonly path: string }[];
    readonly config: readonly unknown[];
    readonly layers: { readonly shared: number; readonly after: number };
  }[];
  readonly removed: { readonly platforms: readonly object[]; readonly others: readonly { digest: string }[] };
  readonly added: Compared["removed"];
}

const AMD64 = { os: "linux", architecture: "amd64" };
const ARM64 = { os: "linux", architecture: "arm64" };

test("diff of two indexes compares them platform by platform, and names the platforms that only one has", () => {
  const config = CONFIG.replace('"old"', 'platform.architecture === "arm64" ? "new" : "old"');
  writeProject(folder, { "next.config.mjs": config });
  const build = ["build", "one", "--config", "next.config.mjs", "--platform"];
  cli([...build, "linux/amd64,linux/arm64", "-o", "oci:next"], inFolder);
  cli([...build, "linux/arm64,linux/s390x", "-o", "oci:other"], inFolder);
  const text = cli(["diff", "oci:both", "oci:next"], inFolder).toString();
  assert.match(
    text,
    /^linux\/amd64:\n0 added, 0 removed, 0 changed;.*\nlinux\/arm64:\n~ \/old .*\n0 added, 0 removed, 1 ch/,
  );
  const one = json("diff", "oci:both", "oci:next", "--platform", "linux/amd64") as unknown as Compared;
  assert.equal(
    one.images.map(({ platform, files }) => [platform.before, files]),
    [[AMD64, []]],
  );
  const uneven = json("diff", "oci:both", "oci:other") as unknown as Compared;
  assert.equal(
    uneven.images.map(({ platform, files }) => [platform.after, files.map(({ path }) => path)]),
    [[ARM64, ["/old"]]],
  );
  assert.equal(uneven.removed, { platforms: [AMD64], others: [] });
  assert.equal(uneven.added, { platforms: [{ os: "linux", architecture: "s390x" }], others: [] });
  assert.match(cli(["diff", "oci:both", "oci:other"], inFolder).toString(), /^\+ linux\/s390x, which the second/m);
});

test("diff of an index and an image alone compares that image's platform, says which, and has to find it", () => {
  assert.match(cli(["diff", "oci:both", "one.docker.tar"], inFolder).toString(), /^linux\/amd64:\n0 added/);
  cli(["copy", "oci:both", "oci:arm", "--platform", "linux/arm64"], inFolder);
  assert.match(cli(["diff", "oci:arm", "oci:both"], inFolder).toString(), /^linux\/arm64:\n0 added/);
  cli(["build", "one", "--platform", "linux/s390x", "-o", "docker-archive:s390x.tar"], inFolder);
  for (const pair of [
    ["oci:both", "s390x.tar"],
    ["s390x.tar", "oci:both"],
  ]) {
    const { status, stdout, stderr } = runCli(["diff", ...pair], inFolder);
    assert.equal([status, stdout.toString()], [1, ""]);
    assert.match(stderr, /"both" holds no image for linux\/s390x/);
    assert.match(stderr, /It has linux\/amd64, linux\/arm64/);
  }
  // Two images alone are compared whatever they are for, and that is a difference.
  assert.match(
    cli(["diff", "one.docker.tar", "s390x.tar"], inFolder).toString(),
    /^~ platform: linux\/amd64 → linux\/s390x$/m,
  );
  assert.match(
    runCli(["diff", "one.docker.tar", "s390x.tar", "--platform", "linux/amd64"], inFolder).stderr,
    /"s390x\.tar" holds no image for linux\/amd64/,
  );
});

test("a copy goes from archive to layout to registry to dockerd and back to an archive as the same image", () => {
  const docker = requireTool("docker");
  const insecure = ["--insecure", registry.host];
  const loaded = "image-dsl-tests/copied:v1";
  cli(["copy", "one.docker.tar", "oci:way:v1"], inFolder);
  cli(["copy", "oci:way:v1", `docker://${registry.host}/copied/one:v1`, ...insecure], inFolder);
  try {
    cli(["copy", `docker://${registry.host}/copied/one:v1`, `docker-daemon:${loaded}`, ...insecure], inFolder);
    cli(["copy", `docker-daemon:${loaded}`, "docker-archive:back.tar"], inFolder);
  } finally {
    run([docker, "image", "rm", loaded], inFolder);
  }
  const [there] = inspect("one.docker.tar").images;
  const [back] = inspect("back.tar").images;
  assert.is(back!.id, there!.id);
  assert.equal(
    back!.layers.map(({ diffID }) => diffID),
    there!.layers.map(({ diffID }) => diffID),
  );
});

test("an index is copied with all its platforms, and everything in it keeps its digest", () => {
  const insecure = ["--insecure", registry.host];
  cli(["copy", "oci:both", `docker://${registry.host}/copied/both:1`, ...insecure], inFolder);
  const before = registry.requests().length;
  cli(["copy", `docker://${registry.host}/copied/both:1`, "oci:again", ...insecure], inFolder);
  // Asked twice, the tag could mean two images.
  const asked = registry.requests().slice(before);
  assert.is(asked.filter((line) => line.startsWith("GET /v2/copied/both/manifests/1 ")).length, 1, asked.join("\n"));
  const blobs = (layout: string) => readdirSync(join(folder, layout, "blobs/sha256")).toSorted();
  assert.equal(blobs("again"), blobs("both"));
  const { status, stderr } = runCli(
    ["copy", "oci:both", "docker-archive:x.tar", "--platform", "linux/s390x"],
    inFolder,
  );
  assert.is(status, 1);
  assert.match(stderr, /holds no image for linux\/s390x/);
  assert.not.ok(existsSync(join(folder, "x.tar")));
});

test("an image in Docker's format keeps it, and its digest, from one repository to another", () => {
  const insecure = ["--insecure", registry.host];
  const skopeo = requireTool("skopeo");
  const place = (name: string): string => `docker://${registry.host}/${name}`;
  const format = ["copy", "--format", "v2s2", "--dest-tls-verify=false"];
  must([skopeo, ...format, "docker-archive:one.docker.tar", place("schema2/one:1")], inFolder);
  cli(["copy", place("schema2/one:1"), place("schema2/two:1"), ...insecure], inFolder);
  const [one, two] = ["one", "two"].map((name) => inspect(place(`schema2/${name}:1`), ...insecure).images[0]!);
  assert.match(JSON.stringify(one!.manifest), /vnd\.docker\.distribution\.manifest\.v2/);
  assert.equal(two!.manifest, one!.manifest);
});

test("layers of zstd:chunked, whose tables of contents are skippable frames, are pulled, and copied as they are", () => {
  const insecure = ["--insecure", registry.host];
  const skopeo = requireTool("skopeo");
  const place = (name: string): string => `docker://${registry.host}/chunked/${name}:1`;
  const files = `text("/empty", ""), text("/long", "long".repeat(300_000)), text("/a/b", "b"), text("/é", "é")`;
  const project = tmp();
  const inProject = { ...inFolder, cwd: project };
  writeProject(project, {
    "image.config.mjs": `import { buildLayeredImage, text } from "image-dsl";
export default buildLayeredImage({ name: "plain", contents: [${files}] });
`,
  });
  cli(["build", "-o", "docker-archive:plain.tar"], inProject);
  const chunked = ["copy", "--dest-compress-format", "zstd:chunked", "--dest-tls-verify=false"];
  must([skopeo, ...chunked, "docker-archive:plain.tar", place("one")], inProject);
  const raw = must([skopeo, "inspect", "--raw", "--tls-verify=false", place("one")], inProject).toString();
  assert.match(raw, /zstd-chunked\.manifest-position/);

  cli(["copy", place("one"), "docker-archive:back.tar", ...insecure], inProject);
  cli(["copy", place("one"), place("two"), ...insecure], inProject);
  const [plain, back] = ["plain.tar", "back.tar"].map((name) => inspect(join(project, name)).images[0]!);
  const { config } = JSON.parse(raw) as { config: { digest: string } };
  assert.is(back!.id, config.digest);
  const diffIDs = ({ layers }: Inspected["images"][number]) => layers.map(({ diffID }) => diffID);
  assert.equal(diffIDs(back!), diffIDs(plain!));
  const again = must([skopeo, "inspect", "--raw", "--tls-verify=false", place("two")], inProject).toString();
  assert.is(again, raw);
});

test("several images in one place are not one: the names that there are are told", () => {
  cli(["build", "--platform", "linux/amd64", "-o", "docker-archive:all.tar"], inFolder);
  const { status, stderr } = runCli(["copy", "all.tar", "oci:never"], inFolder);
  assert.is(status, 2);
  assert.match(stderr, /holds 2 images, where one is wanted/);
  assert.match(stderr, /team\/one:1, team\/two:2/);
  cli(["copy", "docker-archive:all.tar:team/two:2", "oci:two"], inFolder);
  assert.is(inspect("oci:two").images[0]!.id, inspect("two.docker.tar").images[0]!.id);
});

test("what prefetch prints builds, from the cache alone, under the name that was asked for", async () => {
  const insecure = ["--insecure", registry.host];
  cli(["copy", "oci:both", `docker://${registry.host}/team/base:1`, ...insecure], inFolder);
  const printed = cli(
    ["prefetch", `${registry.host}/team/base:1`, "--final-image-name", "base", "--quiet", ...insecure],
    inFolder,
  ).toString();
  assert.match(printed, /^pullImage\(\{\n {2}imageName: /);
  const before = registry.requests().length;
  const project = tmp();
  writeProject(project, { "image.config.mjs": `import { pullImage } from "image-dsl";\nexport default ${printed};\n` });
  cli(["build", "-o", "docker-archive:base.tar"], { ...inFolder, cwd: project });
  assert.is(registry.requests().length, before, "something was asked for again");
  const loaded = JSON.parse(
    cli(["inspect", "base.tar", "--json"], { ...inFolder, cwd: project }).toString(),
  ) as Inspected;
  assert.is(loaded.images[0]!.id, inspect("oci:both", "--platform", "linux/amd64").images[0]!.id);
});

test("prefetch takes upstream's words, and gives JSON", () => {
  const given = ["--image-name", `${registry.host}/team/base`, "--image-tag", "1", "--os", "linux", "--arch", "arm64"];
  const found = json("prefetch", ...given, "--final-image-tag", "x", "--insecure", registry.host);
  assert.equal(Object.keys(found).toSorted(), [
    "arch",
    "finalImageName",
    "finalImageTag",
    "imageDigest",
    "imageName",
    "os",
  ]);
  assert.is(found["finalImageTag"], "x");
  const { imageDigest } = found;
  const byDigest = json("prefetch", `${registry.host}/team/base`, String(imageDigest), "--insecure", registry.host);
  assert.is(byDigest["imageDigest"], imageDigest);
  const { status, stderr } = runCli(["prefetch", `${registry.host}/team/none`, "--insecure", registry.host], inFolder);
  assert.is(status, 1);
  assert.match(stderr, /MANIFEST_UNKNOWN/);
  assert.is(runCli(["prefetch"], inFolder).status, 2);
});

test("prefetch --lock pins what a build then takes, though the tag has moved; what is in the lock stays as it is", () => {
  const insecure = ["--insecure", registry.host];
  const [reference, older] = [`${registry.host}/moved/base:1`, `${registry.host}/moved/older:1`];
  const push = (archive: string, to: string) => cli(["copy", archive, `docker://${to}`, ...insecure], inFolder);
  const configOf = (image: string) => `import { buildImage } from "image-dsl";
export default buildImage({ name: "app", fromImage: "docker://${image}" });\n`;
  const project = tmp();
  const inProject = { ...inFolder, cwd: project };
  const lock = () => readFileSync(join(project, "app.lock.json"), "utf8");
  const build = ["build", "--config", "app.config.mjs", "-o", "docker-archive:app.tar", ...insecure];
  const prefetch = (...args: string[]) =>
    cli(["prefetch", ...args, "--lock", "--config", "app.config.mjs", "--quiet", ...insecure], inProject).toString();

  push("one.docker.tar", older);
  push("one.docker.tar", reference);
  writeProject(project, { "app.config.mjs": configOf(older) });
  cli(build, inProject);
  const before = JSON.parse(lock()) as { entries: { registry: Record<string, unknown> } };
  assert.match(
    prefetch(reference),
    new RegExp(`^Pinned docker://${reference} to sha256:[0-9a-f]{64} in .*/app.lock.json\n$`),
  );
  const pinned = lock();
  const after = JSON.parse(pinned) as typeof before;
  assert.is(Object.keys(after.entries.registry).length, 2);
  assert.equal({ ...after.entries.registry, ...before.entries.registry }, after.entries.registry);

  push("two.docker.tar", reference);
  writeProject(project, { "app.config.mjs": configOf(reference) });
  cli(build, inProject);
  assert.is(lock(), pinned);
  const layersOf = (image: string) =>
    (cliJson(["inspect", image], inProject) as Inspected).images[0]!.layers.map(({ diffID }) => diffID);
  assert.equal(layersOf("app.tar"), layersOf(join(folder, "one.docker.tar")));

  assert.match(prefetch(reference), /is pinned already to sha256:/);
  assert.is(lock(), pinned);
  const { digest } = JSON.parse(prefetch(reference, "--json")) as { digest: string };
  assert.match(pinned, digest);

  // The same bytes as by a build alone.
  unlinkSync(join(project, "app.lock.json"));
  cli(build, inProject);
  const built = lock();
  unlinkSync(join(project, "app.lock.json"));
  prefetch(reference);
  assert.is(lock(), built);
});

test("pullImage says what it lacks: an arch beside os or variant, and the digest that prefetch prints", () => {
  const cwd = tmp();
  const digest = `imageDigest: "sha256:${"0".repeat(64)}"`;
  for (const [more, message] of [
    [`${digest}, os: "windows"`, /has os or variant, but no arch/],
    [`${digest}, variant: "v7"`, /has os or variant, but no arch/],
    ['os: "linux"', /imageDigest: is missing; expected sha256: .* which image-dsl prefetch NAME:TAG prints/],
  ] as const) {
    const call = `pullImage({ imageName: "registry.example/base", ${more} })`;
    writeProject(cwd, { "image.config.mjs": `import { pullImage } from "image-dsl";\nexport default ${call};\n` });
    const { status, stderr } = runCli(["build", "-o", "digest"], { ...inFolder, cwd });
    assert.is(status, 2);
    assert.match(stderr, message);
  }
});

test("prefetch --lock says what it lacks: a config, and a tag", () => {
  const [reference, empty] = [`${registry.host}/moved/base:1`, tmp()];
  const refused = (args: string[], cwd: string) => {
    const { status, stderr } = runCli(["prefetch", ...args, "--insecure", registry.host], { ...inFolder, cwd });
    assert.is(status, 2);
    return stderr;
  };
  assert.match(refused([reference, "--lock"], empty), /No image.config.ts/);
  assert.equal(readdirSync(empty), []);
  const byDigest = `${registry.host}/moved/base@sha256:${"0".repeat(64)}`;
  assert.match(refused([byDigest, "--lock"], folder), /needs no pin/);
  assert.match(refused([reference, "--lock", "--final-image-name", "x"], folder), /final-image-name/);
  assert.match(
    refused([reference, "--config", "image.config.mjs"], folder),
    /nothing is pinned without --lock\n\s+→ Add --lock/,
  );
  assert.not.ok(existsSync(join(folder, "image.lock.json")));
});

test("inspect of what is not there is an error, and a platform is meant by all of its words", () => {
  const layout = join(folder, "inspected");
  cli(["copy", "one.docker.tar", `oci:${layout}:there`], inFolder);
  for (const args of [
    [`oci:${layout}:nope`],
    [`oci:${layout}`, "--platform", "linux/s390x"],
    ["one.docker.tar", "--platform", "linux/s390x"],
  ]) {
    const { status, stdout, stderr } = runCli(["inspect", ...args], inFolder);
    assert.is(status, 1, `${args.join(" ")}: ${stdout.toString()}`);
    assert.match(stderr, /E_BASE_IMAGE/);
    assert.is(stdout.toString(), "");
  }
  const { status, stderr } = runCli(["prefetch", "registry.example/app:1", "--os", "windows"], inFolder);
  assert.is(status, 2);
  assert.match(stderr, /--arch/);
});

test("what is no image is told with what is understood", () => {
  for (const command of [
    ["inspect", "nothing"],
    ["copy", "nothing", "oci:x"],
    ["diff", "nothing", "one.docker.tar"],
  ]) {
    const { status, stderr } = runCli(command, inFolder);
    assert.is(status, 2, command.join(" "));
    assert.match(stderr, /docker:\/\/HOST\/NAME/);
  }
  writeFileSync(join(folder, "text"), "no image");
  assert.is(runCli(["inspect", "text"], inFolder).status, 1);
});

test.run();
