// @runtimes node
/** Which distribution an image of Debian's packages is: base-files' own files say it, without base-files. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../harness.ts";
import { SUITE, openArchive, type TestPackage } from "./debian-archive.ts";
import { cli, openFolder, runCli } from "./support.ts";

const test = suite("e2e/debian-distribution", { timeout: 120_000 });

const RELEASE = "etc/os-release";
const VERSION = "etc/debian_version";
const BASE_FILES: TestPackage = {
  name: "base-files",
  files: { [RELEASE]: "ID=debian\n", "usr/lib/os-release": "ID=debian\n", [VERSION]: "99.1\n" },
};

/** `images`: a config's, with `from(archive, packages)` for its sources. Gives what an image's files say. */
function built(archives: Readonly<Record<string, readonly TestPackage[]>>, images: string, look: (said: Said) => void) {
  const open = Object.entries(archives).map(([name, packages]) => [name, openArchive(packages)] as const);
  const folder = openFolder("debian-distribution");
  try {
    const places = Object.fromEntries(open.map(([name, { uri, keyring }]) => [name, { mirror: uri, keyring }]));
    writeFileSync(
      join(folder.path, "image.config.mjs"),
      `import { buildImage, buildLayeredImage, debian, text } from "image-dsl";
const places = ${JSON.stringify(places)};
const from = (name, packages) => debian({ suite: "${SUITE}", ...places[name], packages });
export default { images: { ${images} } };
`,
    );
    const options = { cwd: folder.path, env: { IMAGE_DSL_CACHE: join(folder.path, "cache") } };
    const { stderr } = runCli(["build", "-o", "rootfs:{target}"], options);
    look({
      stderr,
      file(image, path) {
        const file = join(folder.path, image, path);
        return existsSync(file) ? readFileSync(file, "utf8") : undefined;
      },
    });
  } finally {
    for (const [, archive] of open) archive.dispose();
    folder.dispose();
  }
}

interface Said {
  readonly stderr: string;
  file(image: string, path: string): string | undefined;
}

test("scanners find the distribution of an image that has no base-files", () => {
  const images = `plain: buildImage({ name: "plain", copyToRoot: from("debian", ["thing"]) })`;
  built({ debian: [BASE_FILES, { name: "thing" }] }, images, ({ file }) => {
    assert.is(file("plain", RELEASE), "ID=debian\n");
    assert.is(file("plain", "usr/lib/os-release"), "ID=debian\n");
    assert.is(file("plain", VERSION), "99.1\n");
    assert.is(file("plain", "usr/share/base-files/version"), undefined, "nothing else of base-files");
  });
});

test("what the user or a base image says of the distribution stands, and is no collision", () => {
  const images = `
    own: buildImage({ name: "own", copyToRoot: [from("debian", ["thing"]), text("/etc/os-release", "ID=mine\\n")] }),
    other: buildLayeredImage({ name: "other", contents: [text("/etc/os-release", "ID=other\\n")] }),
    get over() { return buildLayeredImage({ name: "over", fromImage: this.other, contents: [from("debian", ["thing"])] }); }`;
  built({ debian: [BASE_FILES, { name: "thing" }] }, images, ({ file, stderr }) => {
    assert.is(file("own", RELEASE), "ID=mine\n");
    assert.is(file("own", "usr/lib/os-release"), undefined);
    assert.is(file("own", VERSION), "99.1\n");
    assert.is(file("over", RELEASE), "ID=other\n");
    assert.is(file("over", VERSION), undefined, "the base is not Debian");
    assert.not.match(stderr, /gave way|collision/i);
  });
});

test("a vendor's archive names no distribution", () => {
  const images = `vendor: buildImage({ name: "vendor", copyToRoot: from("vendor", ["tool"]) }),
    both: buildImage({ name: "both", copyToRoot: [from("vendor", ["tool"]), from("debian", ["thing"])] })`;
  built({ vendor: [{ name: "tool" }], debian: [BASE_FILES, { name: "thing" }] }, images, ({ file }) => {
    assert.is(file("vendor", RELEASE), undefined);
    assert.is(file("vendor", VERSION), undefined);
    assert.is(file("both", RELEASE), "ID=debian\n");
  });
});

test("the minimal set alone is an image; no package at all is an error", () => {
  const essential: TestPackage = { name: "shell", fields: { Essential: "yes", Priority: "required" } };
  const archive = openArchive([BASE_FILES, essential]);
  const folder = openFolder("debian-distribution");
  try {
    const options = { cwd: folder.path, env: { IMAGE_DSL_CACHE: join(folder.path, "cache") } };
    const config = (more: object) =>
      writeFileSync(
        join(folder.path, "image.config.mjs"),
        `import { buildImage, debian } from "image-dsl";
export default { images: { bare: buildImage({ name: "bare", copyToRoot: debian(${JSON.stringify({
          suite: SUITE,
          mirror: archive.uri,
          keyring: archive.keyring,
          packages: [],
          ...more,
        })}) }) } };
`,
      );
    config({ essential: true });
    cli(["build", "-o", "rootfs:{target}"], options);
    assert.is(readFileSync(join(folder.path, "bare/usr/share/shell/version"), "utf8"), "1.0\n");
    config({});
    const { status, stderr } = runCli(["build", "-o", "rootfs:{target}"], options);
    assert.is(status, 2);
    assert.match(stderr, /packages: expected at least one package/);
  } finally {
    archive.dispose();
    folder.dispose();
  }
});

test.run();
