// @runtimes node
/** What a copy is called where it arrives: as it was called, and nothing that nobody said. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite, tmp } from "../harness.ts";
import { dockerRegistry, type DockerRegistry } from "../plugins/registry/support/docker-registry.ts";
import { cli, must, run, runCli, writeProject } from "./support.ts";

const test = suite("e2e/copy-names", { timeout: 240_000 });

const folder = tmp();
const inFolder = { cwd: folder, env: { IMAGE_DSL_CACHE: join(folder, ".cache") } };
const CONFIG = `import { buildLayeredImage, text } from "image-dsl";
export default ({ platform }) => ({ one: buildLayeredImage({ name: "team/one", tag: "1", contents: text("/for", platform.architecture) }) });
`;
let registry: DockerRegistry;
let digest: string;

test.before(async () => {
  registry = await dockerRegistry();
  writeProject(folder, { "image.config.mjs": CONFIG });
  cli(["build", "--platform", "linux/amd64", "-o", `docker://${registry.host}/team/one:1`, ...insecure()], inFolder);
  cli(["build", "--platform", "linux/amd64,linux/arm64", "-o", "oci:both:v3"], inFolder);
  digest = skopeo("inspect", "--tls-verify=false", "--format", "{{.Digest}}", place("team/one:1")).trim();
});
test.after(() => registry.close());

const insecure = () => ["--insecure", registry.host];
const place = (name: string) => `docker://${registry.host}/${name}`;
const skopeo = (...args: string[]) => must([requireTool("skopeo"), ...args], inFolder).toString();
const copy = (from: string, to: string) => cli(["copy", from, to, ...insecure()], inFolder).toString();

function tags(repository: string): unknown {
  return (JSON.parse(skopeo("list-tags", "--tls-verify=false", place(repository))) as { Tags: unknown }).Tags;
}

function names(layout: string): (Record<string, string> | undefined)[] {
  const index = JSON.parse(readFileSync(join(folder, layout, "index.json"), "utf8")) as {
    manifests: { annotations?: Record<string, string> }[];
  };
  return index.manifests.map(({ annotations }) => annotations);
}

const REF_NAME = "org.opencontainers.image.ref.name";

test("a layout's name that is a tag alone is the tag in a registry, and stays what it is in a layout", () => {
  skopeo("copy", "-q", "--src-tls-verify=false", place("team/one:1"), "oci:sk:v1.2");
  copy("oci:sk:v1.2", place("sk"));
  assert.equal(tags("sk"), ["v1.2"]);
  copy("oci:sk", "oci:sk2");
  assert.equal(names("sk2"), [{ [REF_NAME]: "v1.2" }]);
  copy("oci:sk2:v1.2", "oci:sk2:v1.3");
  assert.equal(names("sk2"), [{ [REF_NAME]: "v1.2" }, { [REF_NAME]: "v1.3" }]);
  copy("oci:sk", "oci-archive:sk.tar");
  copy("oci-archive:sk.tar", place("sk-archive"));
  assert.equal(tags("sk-archive"), ["v1.2"]);
  copy("oci:both:v3", place("sk-index"));
  assert.equal(tags("sk-index"), ["v3"]);
  copy("oci:both", "oci:both2");
  assert.equal(names("both2"), names("both"));
});

test("an image that is named by its digest is pushed by its digest: no tag is moved", () => {
  copy(`${place("team/one")}@${digest}`, place("moved"));
  skopeo("copy", "-q", "--all", "--dest-tls-verify=false", "oci:both:v3", place("moved:latest"));
  const before = skopeo("inspect", "--tls-verify=false", "--raw", place("moved:latest"));
  const said = copy(`${place("team/one")}@${digest}`, place("moved"));
  assert.match(said, `/moved@${digest}`);
  assert.not.match(said, /latest/);
  assert.equal(tags("moved"), ["latest"]);
  assert.is(skopeo("inspect", "--tls-verify=false", "--raw", place("moved:latest")), before);
  assert.match(skopeo("inspect", "--tls-verify=false", `${place("moved")}@${digest}`), digest);
  copy(`${place("team/one")}@${digest}`, place("moved:own"));
  assert.equal(tags("moved"), ["latest", "own"]);
  const dry = cli(["copy", place("team/one:1"), place("moved"), ...insecure()], inFolder).toString();
  assert.match(dry, /moved:1@sha256/);
});

test("an image that is named by its digest has no tag in a layout, in an archive and where it is shown", () => {
  const source = `${place("team/one")}@${digest}`;
  copy(source, "oci:untagged");
  copy(source, "oci:untagged");
  assert.equal(names("untagged"), [undefined]);
  assert.match(skopeo("inspect", "oci:untagged"), digest);
  copy(source, "oci:untagged:v1");
  assert.equal(names("untagged"), [
    undefined,
    { [REF_NAME]: "v1", "io.containerd.image.name": `${registry.host}/team/one:v1` },
  ]);
  const said = copy(source, "docker-archive:untagged.tar");
  assert.match(said, /docker-archive:PATH:NAME:TAG/);
  const manifest = JSON.parse(must(["tar", "xOf", "untagged.tar", "manifest.json"], inFolder).toString()) as unknown[];
  assert.equal((manifest[0] as { RepoTags: unknown }).RepoTags, []);
  copy("untagged.tar", place("from-archive"));
  assert.is(run([requireTool("skopeo"), "list-tags", "--tls-verify=false", place("from-archive")], inFolder).status, 1);
  const shown = cli(["inspect", source, ...insecure()], inFolder).toString();
  assert.match(shown, `/team/one@${digest}, linux/amd64`);
  assert.not.match(shown, /latest/);
});

test("into a daemon nothing goes without a name: the error says how to give one", () => {
  const docker = requireTool("docker");
  for (const [source, hint] of [
    [`${place("team/one")}@${digest}`, `docker-daemon:${registry.host}/team/one:TAG`],
    ["oci:sk:v1.2", "docker-daemon:NAME:v1.2"],
    ["untagged.tar", "docker-daemon:NAME:TAG"],
  ] as const) {
    const { status, stderr } = runCli(["copy", source, "load", ...insecure()], inFolder);
    assert.is(status, 2, source);
    assert.match(stderr, "E_OUTPUT_INVALID");
    assert.match(stderr, hint);
  }
  const archive = must([docker, "load", "-i", "untagged.tar"], inFolder).toString();
  const [id] = /sha256:[0-9a-f]{64}/.exec(archive) ?? [];
  run([docker, "image", "rm", id!], inFolder);
  assert.match(archive, "Loaded image ID: sha256:");
});

test.run();
