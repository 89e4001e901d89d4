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

// Valibot is the author's own: none comes with image-dsl, whose schemas are part of his all the same.
const author = `
  import { defineSource, imageConfigSchema, machineSchemas, ownerSchema } from "image-dsl/plugin";
  import * as v from "valibot";
  const schema = v.strictObject({ owner: v.optional(ownerSchema), config: imageConfigSchema, ...machineSchemas });
  export const mine = defineSource<"mine", v.InferInput<typeof schema>>("mine", schema);
  mine({ owner: { uid: 1, gid: 1 }, config: { Cmd: ["a"] }, diskSize: 512 });
  // @ts-expect-error no owner
  mine({ owner: true, config: {} });
  // @ts-expect-error Cmd is a list
  mine({ config: { Cmd: "a" } });
`;

for (const [module, resolution] of [
  ["nodenext", "nodenext"],
  ["esnext", "bundler"],
] as const) {
  test(`a user's strict program and a plugin compile with moduleResolution ${resolution}, libraries checked`, () => {
    const folder = installPackage(packProject());
    symlinkSync(join(project, "node_modules/@types"), join(folder, "node_modules/@types"));
    symlinkSync(join(project, "node_modules/valibot"), join(folder, "node_modules/valibot"));
    writeFileSync(join(folder, "image.config.ts"), user);
    writeFileSync(join(folder, "mine.ts"), author);
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
