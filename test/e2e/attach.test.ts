// @runtimes node
/** attach and inspect --referrers, with Debian's docker-registry, which has no API for referrers: by the tag. */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite, tmp } from "../harness.ts";
import { dockerRegistry, type DockerRegistry } from "../plugins/registry/support/docker-registry.ts";
import { cli, must, runCli, sha256, writeProject } from "./support.ts";

const test = suite("e2e/attach", { timeout: 240_000 });

const folder = tmp();
const at = (cache = ".cache") => ({ cwd: folder, env: { IMAGE_DSL_CACHE: join(folder, cache) } });
let registry: DockerRegistry;
let image: string;
let insecure: readonly string[];

test.before(async () => {
  registry = await dockerRegistry();
  insecure = ["--insecure", registry.host];
  image = `docker://${registry.host}/team/app:1`;
  writeProject(folder, {
    "image.config.mjs": `import { buildLayeredImage, text } from "image-dsl";
export default buildLayeredImage({ name: "${registry.host}/team/app", tag: "1", contents: text("/a", "a") });
`,
    "sbom.json": `{"spdxVersion":"SPDX-2.3"}`,
  });
  cli(["build", "--push", ...insecure], at());
});
test.after(() => registry.close());

interface Attached {
  readonly manifest: { readonly digest: string };
  readonly subject: { readonly digest: string };
}
interface Referrer {
  readonly digest: string;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

const TYPE = "application/spdx+json";

function attach(file: string, ...more: string[]): Attached {
  const args = ["attach", image, file, "--type", TYPE, "--json", ...more, ...insecure];
  return JSON.parse(cli(args, at()).toString()) as Attached;
}

function referrers(): readonly Referrer[] {
  const json = cli(["inspect", image, "--referrers", "--json", ...insecure], at()).toString();
  return (JSON.parse(json) as { referrers: Referrer[] }).referrers;
}

const raw = (reference: string) =>
  must(
    [requireTool("skopeo"), "inspect", "--raw", "--tls-verify=false", `docker://${registry.host}/team/app${reference}`],
    at(),
  );

test("an image has no referrers; what is attached is listed, and reads as the specification says", () => {
  assert.equal(referrers(), []);
  const { manifest, subject } = attach("sbom.json", "--annotation", "org.example.by=me");
  assert.is(subject.digest, `sha256:${sha256(raw(":1"))}`);
  const found = JSON.parse(raw(`@${manifest.digest}`).toString()) as Record<string, unknown>;
  assert.equal(found["subject"], {
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    digest: subject.digest,
    size: raw(":1").length,
  });
  assert.is(found["artifactType"], TYPE);
  assert.equal((found["config"] as { mediaType: string }).mediaType, "application/vnd.oci.empty.v1+json");
  const [layer] = found["layers"] as { digest: string; annotations: object }[];
  assert.is(layer!.digest, `sha256:${sha256(Buffer.from(`{"spdxVersion":"SPDX-2.3"}`))}`);
  assert.equal(layer!.annotations, { "org.opencontainers.image.title": "sbom.json" });
  const [referrer, ...others] = referrers();
  assert.equal(others, []);
  assert.is(referrer!.digest, manifest.digest);
  assert.is(referrer!.artifactType, TYPE);
  assert.equal(referrer!.annotations, { "org.example.by": "me" });
  const tagged = JSON.parse(raw(`:${subject.digest.replace(":", "-")}`).toString()) as { manifests: Referrer[] };
  assert.equal(tagged.manifests, [referrer]);
});

test("the same once more is the same, and listed once; the image is what it was", () => {
  const before = raw(":1");
  const digest = attach("sbom.json", "--annotation", "org.example.by=me").manifest.digest;
  assert.equal(
    referrers().map((each) => each.digest),
    [digest],
  );
  assert.equal(raw(":1"), before);
});

test("several at once, of one machine: none is lost", async () => {
  const files = ["a", "b", "c"].map((name) => `${name}.json`);
  for (const file of files) writeFileSync(join(folder, file), `{"of":"${file}"}`);
  const bin = join(process.cwd(), "dist/cli.js");
  const statuses = await Promise.all(
    files.map(
      (file) =>
        new Promise<number | null>((resolve) =>
          spawn(process.execPath, [bin, "attach", image, file, "--type", TYPE, ...insecure], {
            cwd: folder,
            env: { ...process.env, ...at().env },
          }).once("close", resolve),
        ),
    ),
  );
  assert.equal(statuses, [0, 0, 0]);
  assert.is(referrers().length, 4);
});

test("no image, no file, no media type, no registry: refused", () => {
  for (const [args, status, reason] of [
    [[`${image}9`, "sbom.json", "--type", TYPE], 1, /404/],
    [[image, "missing.json", "--type", TYPE], 1, /missing\.json/],
    [[image, "sbom.json", "--type", "sbom"], 2, /"sbom" is no media type/],
    [[image, "sbom.json", "--type", TYPE, "--annotation", "=x"], 2, /names none/],
    [[image, "sbom.json"], 2, /type/],
  ] as const) {
    const ran = runCli(["attach", ...args, ...insecure], at());
    assert.is(ran.status, status, ran.stderr);
    assert.match(ran.stderr, reason);
  }
  cli(["build", "-o", "docker-archive:app.tar"], at());
  const ran = runCli(["attach", "app.tar", "sbom.json", "--type", TYPE], at());
  assert.is(ran.status, 2);
  assert.match(ran.stderr, /Nothing can refer to "app\.tar"/);
});

test.run();
