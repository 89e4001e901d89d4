// @runtimes node
/** build --push and --dry-run, as a user types them. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite, tmp } from "../harness.ts";
import { dockerRegistry, type DockerRegistry } from "../plugins/registry/support/docker-registry.ts";
import { cli, must, run, runCli, writeProject } from "./support.ts";

const test = suite("e2e/push-options", { timeout: 240_000 });

const folder = tmp();
const inFolder = { cwd: folder, env: { IMAGE_DSL_CACHE: join(folder, ".cache") } };
let registry: DockerRegistry;
let insecure: readonly string[];

test.before(async () => {
  registry = await dockerRegistry();
  insecure = ["--insecure", registry.host];
  writeProject(folder, {
    "image.config.mjs": `import { buildLayeredImage, text } from "image-dsl";
export default { outputs: ["docker-archive:{target}.tar"], images: {
  named: buildLayeredImage({ name: "${registry.host}/team/named", tag: "1", contents: text("/a", "a") }),
  bare: buildLayeredImage({ name: "team/bare", contents: text("/b", "b") }),
  fresh: buildLayeredImage({ name: "team/fresh", contents: text("/f", "f") }),
} };
`,
  });
});

test.after(() => registry.close());

const changing = () => registry.requests().filter((line) => !/^(GET|HEAD) /.test(line));

test("--dry-run says what would be sent, and sends nothing", () => {
  const said = cli(["build", "named", "--push", "--dry-run", ...insecure], inFolder).toString();
  assert.match(said, /would push .*\/team\/named:1; 2 new blobs of/);
  assert.equal(changing(), []);
});

test("--push goes to the registry in the image's name, in place of the config's outputs", () => {
  const said = cli(["build", "named", "--push", ...insecure], inFolder).toString();
  assert.match(said, /pushed .*\/team\/named:1@sha256:[0-9a-f]{64}; 2 new blobs of/);
  assert.equal(
    readdirSync(folder).filter((name) => name.endsWith(".tar")),
    [],
  );
  const skopeo = [requireTool("skopeo"), "inspect", "--tls-verify=false", `docker://${registry.host}/team/named:1`];
  assert.match(must(skopeo, inFolder).toString(), /"Layers"/);
  const again = cli(["build", "named", "--push", "--dry-run", ...insecure], inFolder).toString();
  assert.match(again, /nothing new/);
});

test("--push adds to -o, and --tag names the repository", () => {
  const tag = `${registry.host}/other/name:v2`;
  cli(["build", "bare", "--push", "--tag", tag, "-o", "docker-archive:bare.tar", ...insecure], inFolder);
  assert.ok(existsSync(join(folder, "bare.tar")));
  must([requireTool("skopeo"), "inspect", "--tls-verify=false", `docker://${tag}`], inFolder);
});

const digestIn = (tag: string): string =>
  must([requireTool("skopeo"), "inspect", "--tls-verify=false", "--format", "{{.Digest}}", `docker://${tag}`], inFolder)
    .toString()
    .trim();

test("several --tag are several names: each repository gets the blobs once, and a manifest for each of its tags", () => {
  const [one, two] = [`${registry.host}/many/one`, `${registry.host}/many/two`];
  const tags = ["-t", `${one}:1`, "--tag", `${one}:latest`, "-t", `${two}:1`, "-t", `${one}:1.2`];
  const build = ["build", "fresh", "--push", ...tags, ...insecure];
  const preview = cli([...build, "--dry-run"], inFolder).toString();
  assert.match(preview, new RegExp(`would push ${one}:1, ${one}:latest, ${one}:1.2; 2 new blobs`));
  const before = registry.requests().length;
  const said = cli(build, inFolder).toString();
  assert.match(said, new RegExp(`^✓ ${one}:1, ${one}:latest, ${one}:1.2: pushed .*; 2 new blobs`, "m"));
  assert.match(said, new RegExp(`^✓ ${two}:1: pushed .*; nothing new, 2 mounted`, "m"));
  const requests = registry.requests().slice(before);
  const puts = requests.filter((line) => /^PUT .*\/manifests\//.test(line)).map((line) => line.split(" ")[1]);
  assert.equal(
    puts,
    ["one/manifests/1", "one/manifests/latest", "one/manifests/1.2", "two/manifests/1"].map(
      (path) => `/v2/many/${path}`,
    ),
  );
  assert.is(requests.filter((line) => /^POST .*\/many\/one\/blobs/.test(line)).length, 2);
  const digests = new Set([`${one}:1`, `${one}:latest`, `${one}:1.2`, `${two}:1`].map(digestIn));
  assert.is(digests.size, 1);

  const again = registry.requests().length;
  cli(build, inFolder);
  assert.equal(
    registry
      .requests()
      .slice(again)
      .filter((line) => !line.startsWith("HEAD ")),
    [],
  );
});

test("several --tag of an index name the index, and its images are put once", () => {
  const name = `${registry.host}/many/both`;
  const platforms = ["--platform", "linux/amd64,linux/arm64"];
  const before = registry.requests().length;
  cli(["build", "bare", ...platforms, "--push", "-t", `${name}:1`, "-t", `${name}:2`, ...insecure], inFolder);
  const puts = registry
    .requests()
    .slice(before)
    .filter((line) => /^PUT .*\/manifests\//.test(line));
  assert.is(puts.length, 4);
  assert.is(digestIn(`${name}:1`), digestIn(`${name}:2`));
});

test("archives and layouts hold all names of --tag, and the JSON event tells them", () => {
  const tags = ["-t", "many:1", "-t", "many:2", "-t", "many:1"];
  const outputs = ["-o", "docker-archive:many.tar", "-o", "docker-archive:named.tar:own:1", "-o", "oci:many"];
  const events = cli(["build", "bare", ...outputs, ...tags, "--json"], inFolder)
    .toString()
    .trim()
    .split("\n");
  const told = events.map((line) => JSON.parse(line) as { type: string; reference?: string; aliases?: string[] });
  assert.equal(
    told.filter(({ type }) => type === "output").map(({ aliases }) => aliases),
    [["many:2"], undefined, ["many:2"]],
  );
  const manifestOf = (archive: string) =>
    JSON.parse(must(["tar", "xOf", archive, "manifest.json"], inFolder).toString()) as { RepoTags: string[] }[];
  assert.equal(manifestOf("many.tar")[0]!.RepoTags, ["many:1", "many:2"]);
  assert.equal(manifestOf("named.tar")[0]!.RepoTags, ["own:1"]);
  for (const name of ["many:1", "many:2"]) must([requireTool("skopeo"), "inspect", `oci:many:${name}`], inFolder);
});

test("-o digest prints the digest of an index, which a registry and a layout have too, and of an image its id", () => {
  const digestsOf = (...args: string[]) => cli(["build", "bare", ...args, "-o", "digest"], inFolder).toString();
  const both = ["--platform", "linux/amd64,linux/arm64"];
  const index = digestIn(`${registry.host}/many/both:1`);
  assert.is(digestsOf(...both), `${index}\n`);
  assert.is(digestsOf(...both, "--dry-run", "--quiet"), `${index}\n`);
  assert.not.match(digestsOf(...both, "--compression", "none"), index);

  const [one] = JSON.parse(cli(["inspect", "many.tar", "--json"], inFolder).toString()).images as { id: string }[];
  assert.is(digestsOf(), `${one!.id}\n`);
  assert.is(digestsOf("--quiet"), `${one!.id}\n`);
  const all = cli(["build", "-o", "digest"], inFolder).toString().trim().split("\n");
  assert.is(all.length, 3);
});

test("a wrong one among several --tag is refused before anything is built", () => {
  const { status, stderr } = runCli(["build", "bare", "-t", "a:1", "-t", "B", "-o", "oci:never"], inFolder);
  assert.is(status, 2);
  assert.match(stderr, /"B" is no NAME:TAG/);
  assert.not(existsSync(join(folder, "never")));
});

test("the JSON event of a push tells the manifest's digest", () => {
  const events = cli(["build", "named", "--push", "--json", ...insecure], inFolder)
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; manifest?: string });
  assert.match(events.find(({ type }) => type === "output")?.manifest ?? "", /^sha256:[0-9a-f]{64}$/);
});

test("--quiet prints what a registry knows an image by where it was pushed, an index's digest once, else the id", () => {
  const quiet = (...args: string[]) => cli(["build", ...args, "--quiet", ...insecure], inFolder).toString();
  const named = `${registry.host}/team/named:1`;
  const pushed = quiet("named", "--push", "-o", "docker-archive:named-too.tar");
  assert.is(pushed, `${digestIn(named)}\n`);
  const id = quiet("named", "-o", "oci:quiet");
  assert.is(id, cli(["build", "named", "-o", "digest"], inFolder).toString());
  assert.is.not(id, pushed);
  const both = `docker://${registry.host}/quiet/both:1`;
  const index = quiet("named", "--platform", "linux/amd64,linux/arm64", "-o", both);
  assert.is(index, `${digestIn(both.slice("docker://".length))}\n`);
});

test("images of one repository with tags of their own are pushed side by side; two of one name are refused", () => {
  const project = tmp();
  const inProject = { cwd: project, env: inFolder.env };
  const image = (name: string, tag: string, word: string) =>
    `buildLayeredImage({ name: "${name}", tag: "${tag}", contents: text("/x", "${word}") })`;
  const one = `${registry.host}/pair/app`;
  const config = (images: Record<string, string>) =>
    writeProject(project, {
      "image.config.mjs": `import { buildLayeredImage, mergeImages, text } from "image-dsl";
export default { images: { ${Object.entries(images)
        .map(([target, made]) => `${target}: ${made}`)
        .join(", ")} } };\n`,
    });
  config({ slim: image(one, "slim", "s"), full: image(one, "full", "f") });
  cli(["build", "--push", ...insecure], inProject);
  assert.is.not(digestIn(`${one}:slim`), digestIn(`${one}:full`));

  config({
    a: image(one, "1", "a"),
    b: image(one, "1", "b"),
    m: `mergeImages([${image("m", "1", "x")}, ${image("m", "1", "y")}])`,
  });
  const refused = (args: readonly string[], told: string, hint: RegExp) => {
    const { status, stderr } = runCli(["build", ...args, ...insecure], inProject);
    assert.is(status, 2, args.join(" "));
    assert.match(stderr, told);
    assert.match(stderr, hint);
  };
  refused(["a", "b", "--push"], "would hold several images (a, b)", /a name or a tag of its own/);
  refused(["a", "b", "--load"], `"load" would get two images named ${one}:1 (a and b)`, /a tag of its own/);
  refused(["a", "b", "-o", "docker-archive:both.tar"], `two images named ${one}:1 (a and b)`, /\{target\}/);
  refused(["m", "-o", "docker-archive:both.tar"], "two images named m:1 (m)", /a tag of its own/);
  assert.not(existsSync(join(project, "both.tar")));
  // One for several platforms is one image, and a name of a digest or of a file apart is no clash.
  cli(["build", "a", "b", "-o", "digest"], inProject);
  cli(["build", "a", "b", "-o", "docker-archive:{target}.tar"], inProject);
});

test("--load tells the image that it takes, and none of those that it leaves out", () => {
  requireTool("docker");
  const args = ["bare", "--platform", "linux/amd64,linux/arm64", "--load", "--dry-run", "--json"];
  const events = cli(["build", ...args], inFolder)
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; digest?: string; message?: string });
  const told = events.filter(({ type }) => type === "output");
  assert.is(told.length, 1);
  assert.match(told[0]!.message!, /left out linux\/(arm64|amd64)/);
  assert.is(`${told[0]!.digest}\n`, cli(["build", "bare", "-o", "digest"], inFolder).toString());
});

test("--insecure takes a host and a port, and nothing that would mean nothing", () => {
  for (const value of [
    `http://${registry.host}`,
    `${registry.host},b:5000`,
    "",
    `${registry.host}/team`,
    "a b",
    "u@h",
  ]) {
    const { status, stderr } = runCli(["build", "named", "-o", "digest", "--insecure", value], inFolder);
    assert.is(status, 2, value);
    assert.match(stderr, /names no registry|Not enough arguments/);
  }
  cli(["build", "named", "-o", "digest", "--insecure", "[::1]:5000", "--insecure", "Registry-1.example"], inFolder);
});

test("build --help lists every output that there is", () => {
  const help = cli(["build", "--help"], inFolder).toString().replaceAll(/\s+/g, " ");
  for (const usage of [
    "docker://HOST/NAME[:TAG]",
    "docker-daemon:NAME:TAG",
    "podman:NAME:TAG",
    "load",
    "oci:DIR[:TAG]",
  ])
    assert.match(help, usage);
});

test("a name without a registry is refused before anything is built, with the mend", () => {
  const before = registry.requests().length;
  const { status, stderr } = runCli(["build", "bare", "--push"], inFolder);
  assert.is(status, 2);
  assert.match(stderr, /does not say which repository of which registry/);
  assert.match(stderr, /begin the image's name with the registry/);
  assert.is(registry.requests().length, before);
});

test("without --insecure a registry without TLS is not spoken to, on loopback neither", () => {
  const { status, stderr } = runCli(["build", "named", "--push"], inFolder);
  assert.is(status, 1);
  assert.match(stderr, new RegExp(`--insecure ${registry.host}`));
});

test("insecure and blocked in registries.conf count for pushes as for pulls, as with skopeo", () => {
  const skopeo = requireTool("skopeo");
  const settings = join(folder, "registries.conf");
  const copy = [
    skopeo,
    "--registries-conf",
    settings,
    "copy",
    "--quiet",
    "docker-archive:settings.tar",
    `docker://${registry.host}/team/by-skopeo:1`,
  ];
  cli(["build", "bare", "-o", "docker-archive:settings.tar"], inFolder);
  const under = (setting: string) => {
    writeProject(folder, { "registries.conf": `[[registry]]\nlocation = "${registry.host}"\n${setting}\n` });
    const { cwd, env } = inFolder;
    return { cwd, env: { ...env, CONTAINERS_REGISTRIES_CONF: settings } };
  };
  const ours = `docker://${registry.host}/team/settings:1`;
  for (const [setting, words] of [
    ["insecure = false", /--insecure/],
    ["blocked = true", /"127.*" is blocked/],
  ] as const) {
    const options = under(setting);
    assert.is.not(run(copy, options).status, 0, setting);
    const pushed = runCli(["copy", "settings.tar", ours], options);
    assert.is(pushed.status, 1, pushed.stderr);
    assert.match(pushed.stderr, words);
    const pulled = runCli(["inspect", `docker://${registry.host}/team/named:1`], options);
    assert.is(pulled.status, 1);
    assert.match(pulled.stderr, words);
  }
  const insecure = under("insecure = true");
  must(copy, insecure);
  cli(["copy", "settings.tar", ours], insecure);
  cli(["inspect", ours], insecure);
  cli(["attach", ours, "image.config.mjs", "--type", "text/plain"], insecure);
  assert.match(cli(["inspect", ours, "--referrers"], insecure).toString(), "text/plain");
});

test.run();
