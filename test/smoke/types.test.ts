// @runtimes node
import { spawnSync } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../harness.ts";
import { installPackage, packProject } from "./packed-package.ts";

const project = join(import.meta.dirname, "../..");
const test = suite("smoke/types", { timeout: 180_000 });

// Everything a config, a program and a plugin need; each expected error shows that the types are there and not any.
const user = `
  import { build, buildLayeredImage, debian, defineConfig, files, text } from "image-dsl";
  import { FileTree, ImageDslError, type Builder, type Plugin } from "image-dsl/plugin";
  import * as testing from "image-dsl/testing";
  export default defineConfig({
    outputs: ["docker-archive:{target}.docker.tar"],
    images: () => ({
      redis: buildLayeredImage({
        name: "redis",
        contents: [debian({ suite: "bookworm", packages: ["redis-server"] }), files("site"), text("/etc/motd", "hi")],
        config: { Cmd: ["/usr/bin/redis-server"], WorkingDir: "/data", Volumes: { "/data": {} } },
        fakeRootCommands: ({ $, id }) => $\`mkdir -p data && chown \${id("redis")} data\`,
      }),
    }),
  });
  export const plugin: Plugin = { name: "mine", apply(builder: Builder) { void builder; } };
  export const given: readonly unknown[] = [FileTree, ImageDslError, build, testing];
  // @ts-expect-error Cmd is a list
  buildLayeredImage({ name: "a", config: { Cmd: "/bin/sh" } });
  // @ts-expect-error no such option
  buildLayeredImage({ name: "a", contentz: [] });
  // @ts-expect-error a plugin has a name
  export const nameless: Plugin = { apply() {} };
`;

for (const [module, resolution] of [
  ["nodenext", "nodenext"],
  ["esnext", "bundler"],
] as const) {
  test(`a user's strict program compiles with moduleResolution ${resolution}, libraries checked`, () => {
    const folder = installPackage(packProject());
    symlinkSync(join(project, "node_modules/@types"), join(folder, "node_modules/@types"));
    writeFileSync(join(folder, "image.config.ts"), user);
    const options = {
      module,
      moduleResolution: resolution,
      target: "es2022",
      strict: true,
      noEmit: true,
      types: ["node"],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["*.ts"] }));
    const compiler = join(project, "node_modules/typescript/bin/tsc");
    const ended = spawnSync(process.execPath, [compiler, "-p", folder], { encoding: "utf8" });
    assert.is(ended.stdout, "");
    assert.is(ended.status, 0);
  });
}

test.run();
