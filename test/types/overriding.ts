/** The examples of docs/overriding.md, word for word: tsc checks them, test/docs/overriding.test.ts compares. */
/* oxlint-disable import/no-default-export -- a config file has one */
import { binSh, buildLayeredImage, debian, defineConfig, fakeNss, tmp, type LayeredImageOptions } from "image-dsl";

export const redis = buildLayeredImage({
  name: "redis",
  contents: [debian({ suite: "bookworm", packages: ["redis-server"] })],
  config: { Cmd: ["/usr/bin/redis-server"], Env: ["LANG=C.UTF-8"] },
});

export const debug = buildLayeredImage({
  ...redis.options,
  tag: "debug",
  config: { ...redis.options.config, Cmd: ["/bin/sh"] },
});

export const withShell = buildLayeredImage({
  ...redis.options,
  name: "redis-shell",
  contents: [redis.options.contents ?? [], binSh({ from: debian({ suite: "bookworm", packages: ["bash"] }) })].flat(),
});

interface ServiceOptions extends Partial<LayeredImageOptions> {
  readonly name: string;
  readonly packages: readonly string[];
}

function service({ packages, contents = [], config, ...more }: ServiceOptions) {
  const users = fakeNss({ extraPasswdLines: ["app:x:1000:1000::/srv:/bin/sh"], extraGroupLines: ["app:x:1000:"] });
  return buildLayeredImage({
    contents: [debian({ suite: "bookworm", packages }), users, tmp(), contents].flat(),
    config: { User: "1000:1000", WorkingDir: "/srv", ...config },
    ...more,
  });
}

export default defineConfig({
  images: {
    git: service({ name: "git", packages: ["git"], config: { Entrypoint: ["/usr/bin/git"] } }),
    python: service({ name: "python", packages: ["python3"], maxLayers: 20 }),
  },
});

export const byArguments = defineConfig(({ args }) => ({
  redis: buildLayeredImage({ ...redis.options, tag: args["version"] ?? null }),
}));
