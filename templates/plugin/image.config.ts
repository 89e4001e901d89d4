import { debian, defineConfig, image } from "image-dsl";
import { SETTINGS_FILE, redisSettings, redisSettingsPlugin } from "./redis-settings.ts";

export default defineConfig({
  plugins: [redisSettingsPlugin],
  images: {
    plugin: image({
      name: "plugin",
      contents: [
        debian({ suite: "bookworm", packages: ["redis-server"] }),
        redisSettings({ maxmemory: "64mb", policy: "allkeys-lru" }),
      ],
      // What may connect is decided by the container's network, not by redis.
      cmd: ["/usr/bin/redis-server", SETTINGS_FILE, "--protected-mode", "no"],
      user: "redis",
      workdir: "/data",
      volumes: ["/data"],
      expose: [6379],
    }),
  },
});
