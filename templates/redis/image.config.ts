import { debian, defineConfig, image } from "image-dsl";

export default defineConfig({
  redis: image({
    name: "redis",
    contents: debian({ suite: "bookworm", packages: ["redis-server"] }),
    // What may connect is decided by the container's network, not by redis.
    cmd: ["/usr/bin/redis-server", "--protected-mode", "no"],
    // The user and its id are what Debian's own script for redis-server would have made; /data becomes its own.
    user: "redis",
    workdir: "/data",
    volumes: ["/data"],
    expose: [6379],
  }),
});
