// @runtimes node
// @timeout 600
/** Debian's docker-registry and the tools that know it: pushed by the command line, pulled and run by others, and built on. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import * as makers from "../fixtures/base-images/index.ts";
import { requireTool, suite, tmp } from "../harness.ts";
import { dockerRegistry, type DockerRegistry } from "../plugins/registry/support/docker-registry.ts";
import { imageId, removeImage, runOnce } from "./containers.ts";
import { podmanOptions } from "./podman-options.ts";
import { cli, digestOf, must, runCli, sha256, writeProject } from "./support.ts";

const test = suite("e2e/registry", { timeout: 240_000 });

const folder = tmp();
const at = (cache = ".cache") => ({ cwd: folder, env: { IMAGE_DSL_CACHE: join(folder, cache) } });
let registry: DockerRegistry;
let insecure: readonly string[];

/** An image with a shell, a small one for any platform, and one of many layers with a file that changes. */
const CONFIG = (host: string) => `import { buildImage, buildLayeredImage, pullImage, text } from "image-dsl";
import { existsSync, readFileSync } from "node:fs";
const pinned = existsSync("pinned.json") ? JSON.parse(readFileSync("pinned.json", "utf8")) : {};
export default ({ platform, args }) => ({
  shell: buildImage({ name: "${host}/team/shell", tag: "1", fromImage: "base.tar", copyToRoot: text("/own", "own\\n"),
    config: { Cmd: ["/bin/sh", "-c", "read a < /etc/base; read b < /own; echo $a $b"] } }),
  small: buildLayeredImage({ name: "${host}/team/small", tag: "1", contents: text("/for", platform.architecture) }),
  many: buildLayeredImage({ name: "${host}/team/many", tag: "1", maxLayers: 101,
    contents: Array.from({ length: 100 }, (_, n) => text("/" + n, n === 50 ? readFileSync("changes", "utf8") : "of " + n)) }),
  on: buildLayeredImage({ name: "on", tag: "1", fromImage: "docker://${host}/team/shell:1", contents: text("/more", "more") }),
  onPushed: buildLayeredImage({ name: "${host}/team/on", tag: "1", fromImage: "docker://${host}/team/shell:1", contents: text("/more", "more") }),
  ...Object.fromEntries(Object.entries(pinned).map(([name, options]) => [name, pullImage(options)])),
});
`;

test.before(async () => {
  registry = await dockerRegistry();
  insecure = ["--insecure", registry.host];
  mkdirSync(join(folder, "base"));
  copyFileSync(makers.plain(join(folder, "base")), join(folder, "base.tar"));
  writeProject(folder, { "image.config.mjs": CONFIG(registry.host), changes: "first" });
});
test.after(() => registry.close());

/** Builds with `--push`, and gives what it said and the requests, but for the early one that asks whether the registry answers. */
async function push(args: readonly string[], cache?: string): Promise<{ said: string; requests: readonly string[] }> {
  const before = await requests();
  const said = cli(["build", ...args, "--push", ...insecure], at(cache)).toString();
  const made = (await requests()).slice(before.length);
  // It goes out while the image is planned, so that a base's manifest may be asked for before it.
  const asked = made.findIndex((line) => /^HEAD \S+\/manifests\//.test(line));
  assert.ok(asked >= 0, made.join("\n"));
  return { said, requests: made.toSpliced(asked, 1) };
}

/** Those so far: what the registry has written arrives while we wait. */
async function requests(): Promise<readonly string[]> {
  await new Promise((resolve) => setTimeout(resolve, 200));
  return registry.requests();
}

/** Requests that brought bytes of blobs. */
const sending = (lines: readonly string[]) => lines.filter((line) => /^(PATCH|PUT .*\/blobs\/uploads\/)/.test(line));

/** At its tag, and at two of the things behind it. */
function assertLooks(requests: readonly string[], repository: string): void {
  assert.is(requests[0], `HEAD /v2/${repository}/manifests/1 200`);
  assert.ok(requests.length === 3 && requests.every((line) => /^HEAD .* 200$/.test(line)), requests.join("\n"));
}

interface Manifest {
  readonly mediaType: string;
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly mediaType: string; readonly digest: string }[];
}

function manifestOf(reference: string): Manifest {
  const args = ["inspect", "--raw", "--tls-verify=false", `docker://${registry.host}/${reference}`];
  return JSON.parse(must([requireTool("skopeo"), ...args], at()).toString()) as Manifest;
}

function manifestDigest(reference: string): string {
  const args = ["inspect", "--raw", "--tls-verify=false", `docker://${registry.host}/${reference}`];
  return `sha256:${sha256(must([requireTool("skopeo"), ...args], at()))}`;
}

test("an image goes up; again, nothing is sent and three requests asked", async () => {
  const first = await push(["shell"]);
  assert.is(sending(first.requests).length, 4, first.requests.join("\n"));
  const again = await push(["shell"]);
  assertLooks(again.requests, "team/shell");
  assert.is(manifestOf("team/shell:1").config.digest, digestOf(["shell"], at()));
});

test("dockerd, podman and skopeo pull it, and it runs", () => {
  const reference = `${registry.host}/team/shell:1`;
  const expected = digestOf(["shell"], at());
  const { global, run } = podmanOptions();
  must([requireTool("docker"), "pull", "-q", reference], at());
  assert.is(imageId("docker", reference), expected);
  assert.is(runOnce("docker", reference), "base own\n");
  removeImage("docker", reference);
  must([requireTool("podman"), ...global, "pull", "-q", "--tls-verify=false", reference], at());
  assert.is(imageId("podman", reference), expected);
  const podman = ["podman", ...global, "run", "--rm", "--network", "none", ...run, reference];
  assert.is(must(podman, at()).toString(), "base own\n");
  removeImage("podman", reference);
  must(["skopeo", "copy", "-q", "--src-tls-verify=false", `docker://${reference}`, "dir:skopeo"], at());
  assert.ok(existsSync(join(folder, "skopeo/manifest.json")));
});

test("another repository mounts what the first has, and sends its own config only", async () => {
  const { requests } = await push(["shell", "--tag", `${registry.host}/other/shell:1`]);
  assert.is(requests.filter((line) => /^POST .*mount=.* 201$/.test(line)).length, 4, requests.join("\n"));
  assert.equal(sending(requests), []);
});

test("a machine that has nothing kept sends no byte of a blob, under this tag and another", async () => {
  for (const [cache, tag] of [
    ["empty-1", "1"],
    ["empty-2", "another"],
  ] as const) {
    const { requests } = await push(["shell", "--tag", `${registry.host}/team/shell:${tag}`], cache);
    assert.equal(sending(requests), [], tag);
  }
});

test("of 100 layers one changes: it, the config and the manifest go, in six requests", async () => {
  await push(["many"]);
  const before = manifestOf("team/many:1");
  assert.is(before.layers.length, 100);
  writeFileSync(join(folder, "changes"), "second");
  const { said, requests } = await push(["many"]);
  assert.is(sending(requests).length, 2, requests.join("\n"));
  assert.ok(requests.length <= 6, requests.join("\n"));
  assert.match(said, /2 new blobs of/);
  // Their order is by digests.
  const old = new Set(before.layers.map(({ digest }) => digest));
  assert.is(manifestOf("team/many:1").layers.filter(({ digest }) => !old.has(digest)).length, 1);
});

test("an index for two platforms: each tool takes its half, and image-dsl too", async () => {
  await push(["small", "--platform", "linux/amd64,linux/arm64"]);
  const again = await push(["small", "--platform", "linux/amd64,linux/arm64"]);
  assertLooks(again.requests, "team/small");
  const reference = `${registry.host}/team/small:1`;
  const digest = manifestDigest("team/small:1");
  for (const arch of ["amd64", "arm64"]) {
    const config = ["skopeo", "inspect", "--config", "--tls-verify=false", "--override-arch", arch];
    const read = JSON.parse(must([...config, `docker://${reference}`], at()).toString()) as { architecture: string };
    assert.is(read.architecture, arch);
    const options = { imageName: `${registry.host}/team/small`, imageDigest: digest, arch, tlsVerify: false };
    writeFileSync(join(folder, "pinned.json"), JSON.stringify({ half: { ...options, finalImageName: "half" } }));
    cli(["build", "half", "-o", `docker-archive:half-${arch}.tar`], at());
    const [manifest] = JSON.parse(must(["tar", "-xOf", `half-${arch}.tar`, "manifest.json"], at()).toString());
    const text = must(["tar", "-xOf", `half-${arch}.tar`, (manifest as { Config: string }).Config], at()).toString();
    assert.is((JSON.parse(text) as { architecture: string }).architecture, arch);
    assert.equal((manifest as { RepoTags: string[] }).RepoTags, ["half:latest"]);
  }
  writeFileSync(
    join(folder, "pinned.json"),
    JSON.stringify({
      none: { imageName: `${registry.host}/team/small`, imageDigest: digest, arch: "s390x", tlsVerify: false },
    }),
  );
  const { status, stderr } = runCli(["build", "none", "-o", "digest"], at());
  assert.is(status, 1);
  assert.match(stderr, /holds no image for linux\/s390x/);
  assert.match(stderr, /linux\/amd64, linux\/arm64/);
});

test("#12 a pulled image runs under its new name and tag, with all arguments of pullImage", () => {
  const options = {
    imageName: `${registry.host}/team/shell`,
    imageDigest: manifestDigest("team/shell:1"),
    sha256: "0000000000000000000000000000000000000000000000000000",
    hash: "sha256-needless",
    os: "linux",
    arch: "amd64",
    finalImageName: "renamed/shell",
    finalImageTag: "new",
    tlsVerify: false,
  };
  writeFileSync(join(folder, "pinned.json"), JSON.stringify({ pulled: options }));
  cli(["build", "pulled", "-o", "docker-archive:pulled.tar"], at());
  must([requireTool("docker"), "load", "-q", "-i", "pulled.tar"], at());
  assert.is(runOnce("docker", "renamed/shell:new"), "base own\n");
  assert.is(imageId("docker", "renamed/shell:new"), digestOf(["shell"], at()));
  removeImage("docker", "renamed/shell:new");
});

test("#14 an image on a pulled base runs, with its own files over the base's", () => {
  cli(["build", "on", "-o", "docker-archive:on.tar", ...insecure], at());
  must([requireTool("docker"), "load", "-q", "-i", "on.tar"], at());
  const command = ["/bin/sh", "-c", "read a < /etc/base; read b < /own; read c < /more; echo $a $b $c"];
  assert.is(runOnce("docker", "on:1", command), "base own more\n");
  removeImage("docker", "on:1");
});

test("a base's layers keep their digests from the registry to a layout and back, and are mounted there", async () => {
  const base = manifestOf("team/shell:1").layers.map(({ digest }) => digest);
  const { requests } = await push(["onPushed"], "fresh");
  assert.equal(
    manifestOf("team/on:1")
      .layers.map(({ digest }) => digest)
      .slice(0, base.length),
    base,
  );
  assert.is(requests.filter((line) => /^POST .*mount=.* 201$/.test(line)).length, base.length);
  assert.is(sending(requests).length, 2, requests.join("\n"));
  cli(["build", "onPushed", "-o", "oci:layout:on", ...insecure], at("fresh"));
  for (const digest of base) assert.ok(existsSync(join(folder, "layout/blobs/sha256", digest.slice(7))), digest);
});

test("the lock pins a tag: it holds when the tag moves, offline too, until it is told to be resolved again", async () => {
  const project = tmp();
  const inProject = { cwd: project, env: { IMAGE_DSL_CACHE: join(project, ".cache") } };
  const own = await dockerRegistry();
  const copy = (from: string, to: string) => {
    const options = ["copy", "-q", "--src-tls-verify=false", "--dest-tls-verify=false"];
    must(["skopeo", ...options, `docker://${registry.host}/${from}`, `docker://${own.host}/${to}`], inProject);
  };
  copy("team/shell:1", "base:1");
  const config = `import { buildLayeredImage, text } from "image-dsl";
export default { app: buildLayeredImage({ name: "app", fromImage: "docker://${own.host}/base:1", contents: text("/x", "x") }) };\n`;
  writeProject(project, { "image.config.mjs": config });
  const build = (...more: readonly string[]) => digestOf(["app", "--insecure", own.host, ...more], inProject);
  const frozen = runCli(["build", "-o", "digest", "--frozen-lock", "--insecure", own.host], inProject);
  assert.not.equal(frozen.status, 0);
  assert.match(frozen.stderr, `"${own.host}/base:1"`);
  // What it says to do, every command that reads the config can.
  cli(["plan", "--insecure", own.host], inProject);
  assert.ok(cli(["stream", "--insecure", own.host], inProject).length > 0);
  const first = build();
  assert.match(readFileSync(join(project, "image.lock.json"), "utf8"), manifestDigest("team/shell:1"));
  copy("team/small:1", "base:1");
  assert.is(build(), first);
  assert.is(build("--frozen-lock"), first);
  // The lock alone is enough on a machine that has nothing else, as long as the registry has the digest.
  rmSync(join(project, ".cache"), { recursive: true });
  assert.is(build("--frozen-lock"), first);
  const lock = join(project, "image.lock.json");
  const sound = readFileSync(lock, "utf8");
  for (const damage of ['"digest": "junk"', '"digest": 7', `"digest": "sha512:${"a".repeat(128)}"`, '"gone": ""']) {
    writeFileSync(lock, sound.replace(/"digest": "[^"]*"/, damage));
    const { status, stderr } = runCli(["build", "-o", "digest", "--insecure", own.host], inProject);
    assert.is(status, 2, damage);
    assert.match(stderr, "E_LOCK_INVALID");
    assert.match(stderr, `"${own.host}/base:1" is damaged`);
    assert.match(stderr, "image.lock.json");
  }
  writeFileSync(lock, sound);
  const outdated = runCli(["outdated", "--insecure", own.host], inProject);
  assert.is(outdated.status, 3, outdated.stderr);
  const moves = /base:1 (\S+) → sha256:[0-9a-f]{64}\n/.exec(outdated.stdout.toString());
  assert.is(moves?.[1], manifestDigest("team/shell:1"), outdated.stdout.toString());
  assert.is(readFileSync(lock, "utf8"), sound);
  const moved = build("--update-lock", `${own.host}/base:1`);
  assert.is.not(moved, first);
  await own.close();
  assert.is(build("--frozen-lock"), moved);
});

test("images as other tools push them: docker's schema 2 and OCI, gzip and zstd", async () => {
  const project = tmp();
  const inProject = { cwd: project, env: { IMAGE_DSL_CACHE: join(project, ".cache") } };
  // skopeo 1.9 loses what fills up a tar behind its end (zstd:chunked): ours have nothing there.
  cli(["build", "small", "-o", `docker-archive:${join(project, "small.tar")}`], at());
  const sums = new Set<string>();
  for (const [format, compression] of [
    ["v2s2", "gzip"],
    ["oci", "gzip"],
    ["oci", "zstd"],
    ["oci", "zstd:chunked"],
  ] as const) {
    // skopeo takes layers that it knows a registry to have, however they are compressed.
    await using own = await dockerRegistry();
    const reference = `docker://${own.host}/a:1`;
    const options = ["--format", format, "--dest-compress-format", compression, "--dest-tls-verify=false"];
    must([requireTool("skopeo"), "copy", "-q", ...options, "docker-archive:small.tar", reference], inProject);
    const raw = must(["skopeo", "inspect", "--raw", "--tls-verify=false", reference], inProject).toString();
    const { layers } = JSON.parse(raw) as Manifest;
    const type = format === "v2s2" ? /docker.*gzip$/ : new RegExp(`oci.*${compression.split(":")[0]}$`);
    assert.match(layers[0]!.mediaType, type);
    const config = `import { exportImage } from "image-dsl";\nexport default { x: exportImage({ fromImage: "${reference}" }) };\n`;
    writeProject(project, { "image.config.mjs": config });
    cli(["build", "--insecure", own.host], inProject);
    sums.add(sha256(readFileSync(join(project, "x.tar"))));
  }
  assert.is(sums.size, 1);
});

test.run();
