// @runtimes node
/** build --push and --dry-run, as a user types them. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite, tmp } from "../harness.ts";
import { dockerRegistry, type DockerRegistry } from "../plugins/registry/support/docker-registry.ts";
import { cli, must, runCli, writeProject } from "./support.ts";

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

test("the JSON event of a push tells the manifest's digest", () => {
  const events = cli(["build", "named", "--push", "--json", ...insecure], inFolder)
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; manifest?: string });
  assert.match(events.find(({ type }) => type === "output")?.manifest ?? "", /^sha256:[0-9a-f]{64}$/);
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

test.run();
