import { buildLayeredImage, debian, defineConfig } from "image-dsl";

export default defineConfig({
  outputs: ["docker-archive:{target}.docker.tar"],
  images: () => ({
    redis: buildLayeredImage({
      name: "redis",
      contents: [debian({ suite: "bookworm", packages: ["redis-server"] })],
      config: {
        // What may connect is decided by the container's network, not by redis.
        Cmd: ["/usr/bin/redis-server", "--protected-mode", "no"],
        User: "redis",
        WorkingDir: "/data",
        Volumes: { "/data": {} },
        ExposedPorts: { "6379/tcp": {} },
      },
      // The user and its id come from what Debian's own script for redis-server would have done.
      fakeRootCommands: ({ $, id }) => $`mkdir -p data && chown ${id("redis")} data`,
    }),
  }),
});
