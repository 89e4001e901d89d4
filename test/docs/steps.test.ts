// @runtimes node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import * as assert from "uvu/assert";
import { cli, writeProject } from "../e2e/support.ts";
import { requireTool, suite, tmp } from "../harness.ts";

const test = suite("docs/steps");
const project = join(import.meta.dirname, "../..");

test("the page's example is a config that builds as it stands", () => {
  requireTool("bwrap", "bash");
  const page = readFileSync(join(project, "docs/steps.md"), "utf8");
  const [example] = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text]) => text!);
  const cwd = writeProject(tmp(), {
    "image.config.ts": example!,
    "package.json": `{ "name": "web", "type": "module" }`,
    "src/build.js": `import { writeFileSync } from "node:fs";
writeFileSync(\`\${process.argv[3]}/app.js\`, process.env.NODE_ENV);
`,
  });
  cli(["build", "-o", "rootfs:root", "--require-sandbox"], { cwd, env: { IMAGE_DSL_CACHE: tmp() } });
  assert.is(readFileSync(join(cwd, "root/app.js"), "utf8"), "production");
  assert.is(gunzipSync(readFileSync(join(cwd, "root/srv/app.js.gz"))).toString(), "production");
});

test.run();
