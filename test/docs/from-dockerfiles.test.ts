// @runtimes node
// @timeout 400
/** Each Dockerfile of the page beside the config below it: what `docker build` and image-dsl make of them. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { exportTo, load, removeImage } from "../e2e/containers.ts";
import { cli, must, writeProject } from "../e2e/support.ts";
import { differences, listTree, type ListedEntry } from "../e2e/tree-listing.ts";
import { requireTool, suite, tmp } from "../harness.ts";
import { sharedCache } from "../shared-cache.ts";
import { PROJECT } from "./blocks.ts";

const test = suite("docs/from-dockerfiles", { timeout: 120_000 });

const BASE = "node:22-slim";
/** Of the config: what OCI and Docker have in common. */
const FIELDS = "Cmd Entrypoint Env ExposedPorts Healthcheck Labels StopSignal User Volumes WorkingDir".split(" ");
/** Where Docker mounts files of its own into every container that a RUN starts. */
const MOUNTED = /^(dev|proc|sys|\.dockerenv|etc\/(hosts|hostname|resolv\.conf|mtab))(\/|$)/;

interface Example {
  readonly name: string;
  readonly dockerfile: string;
  readonly config: string;
}

const examples = [
  ...readFileSync(join(PROJECT, "docs/from-dockerfiles.md"), "utf8").matchAll(
    /^## ([^\n]+)\n(?:(?!^## )[^])*?^```dockerfile\n(.*?)^```\n\n^```ts\n(.*?)^```$/gms,
  ),
].map(([, name, dockerfile, config]): Example => ({ name: name!, dockerfile: dockerfile!, config: config! }));

let folder = "";
/** Beside it, as `docker build` sends the daemon all that is in the folder. */
let archives = "";
const env = { IMAGE_DSL_CACHE: sharedCache() };

/** A small base with what the examples name, called as a public one in the tests' own daemon. */
test.before(() => {
  requireTool("docker");
  folder = tmp();
  archives = tmp();
  const cwd = writeProject(folder, {
    "image.config.ts": `import { debian, image } from "image-dsl";
export default image({
  name: "node", tag: "22-slim",
  contents: debian({ suite: "bookworm", packages: ["dash", "coreutils"] }),
  env: { PATH: "/usr/local/bin:/usr/bin:/bin" }, labels: { base: "yes" }, expose: [9000], cmd: ["/bin/ls"],
});`,
    "package.json": "{}\n",
    "dist/server.js": "console.log(1);\n",
    "dist/lib/a.js": "1;\n",
    "settings.json": "{}\n",
  });
  cli(["build", "-o", `docker-archive:${archives}/base.tar`, "--load"], { cwd, env });
  mkdirSync(join(cwd, "vendor/lib"), { recursive: true });
  writeFileSync(join(cwd, "vendor/lib/b.js"), "2;\n");
  must(["tar", "czf", "vendor.tar.gz", "--owner=0", "--group=0", "-C", "vendor", "lib"], { cwd });
});
test.after(() => removeImage("docker", BASE));

/** The configs of all examples, each as it stands on the page but for its base, built at once. */
test.before(() => {
  const names = examples.map((_, index) => `example${index}`);
  for (const [index, { config }] of examples.entries()) {
    writeFileSync(join(folder, `${names[index]}.ts`), config.replace(`"${BASE}"`, `"${archives}/base.tar"`));
  }
  writeProject(folder, {
    "examples.config.ts": `${names.map((name) => `import ${name} from "./${name}.ts";\n`).join("")}
const all = { ${names.join(", ")} };
export default (context) => Object.fromEntries(Object.entries(all).map(([name, config]) =>
  [name, typeof config === "function" ? config(context) : config]));
`,
  });
  const output = `docker-archive:${archives}/{target}.tar`;
  cli(["build", "--config", "examples.config.ts", "--arg", "VERSION=2", "-o", output], { cwd: folder, env });
});

test("the page has an example for each instruction", () => {
  const instructions = new Set(examples.flatMap(({ dockerfile }) => dockerfile.match(/^[A-Z]+(?= )/gm) ?? []));
  assert.is(
    [...instructions].toSorted().join(" "),
    "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL RUN STOPSIGNAL USER VOLUME WORKDIR",
  );
});

for (const [index, { name, dockerfile }] of examples.entries()) {
  test(`${name}: the same files and the same config`, () => {
    const docker = `from-dockerfile-${index}:docker`;
    writeFileSync(join(folder, "Dockerfile"), dockerfile);
    must(["docker", "build", "--network", "none", "--build-arg", "VERSION=2", "-t", docker, "."], {
      cwd: folder,
      env: { DOCKER_BUILDKIT: "0" },
    });
    const own = load("docker", join(archives, `example${index}.tar`));
    try {
      assert.equal(configOf(own), configOf(docker));
      assert.equal(differences(treeOf(own), treeOf(docker)), []);
    } finally {
      removeImage("docker", docker);
      removeImage("docker", own);
    }
  });
}

function configOf(reference: string): unknown {
  const text = must(["docker", "image", "inspect", "--format", "{{json .Config}}", reference], { cwd: "/" }).toString();
  const config = JSON.parse(text) as Record<string, unknown>;
  return Object.fromEntries(FIELDS.flatMap((field) => (isEmpty(config[field]) ? [] : [[field, config[field]]])));
}

/** Docker writes empty values where there is none. */
function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

function treeOf(reference: string): ReadonlyMap<string, ListedEntry> {
  const listed = listTree(exportTo(join(archives, "tree.tar"), "docker", reference));
  return new Map(
    [...listed].filter(([path]) => !MOUNTED.test(path)).map(([path, entry]) => [path, { ...entry, mtime: 0 }]),
  );
}

test.run();
