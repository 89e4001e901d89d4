import { buildImage, buildLayeredImage, debian, defineConfig, shadowSetup } from "image-dsl";

const base = buildLayeredImage({
  name: "bash",
  contents: [debian({ suite: "bookworm", packages: ["bash", "coreutils", "passwd"] })],
});

export default defineConfig({
  outputs: ["docker-archive:{target}.docker.tar"],
  images: {
    "run-as-root": buildImage({
      name: "run-as-root",
      fromImage: base,
      copyToRoot: debian({ suite: "bookworm", packages: ["redis-server"] }),
      // Bash, as root in a virtual machine in which the image is "/".
      runAsRoot: `
        ${shadowSetup}
        groupadd -r kv
        useradd -r -g kv -d /data -M kv
        mkdir /data
        chown kv:kv /data
      `,
      config: {
        // What may connect is decided by the container's network, not by redis.
        Cmd: ["/usr/bin/redis-server", "--protected-mode", "no"],
        User: "kv",
        WorkingDir: "/data",
        Volumes: { "/data": {} },
        ExposedPorts: { "6379/tcp": {} },
      },
    }),
  },
});
