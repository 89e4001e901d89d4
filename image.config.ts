/** image-dsl in a container: PATH's node with the libraries that it needs, and this checkout's dist/. */
import { buildLayeredImage, defineConfig, elf, files } from "image-dsl";

export default defineConfig(
  buildLayeredImage({
    name: "image-dsl",
    tag: "latest",
    contents: [
      elf({ files: "node", dest: "/usr/local/bin/" }),
      files(["package.json", "dist/**", "templates/**", "node_modules/{jiti,tapable,valibot,zx}/**"], {
        dest: "/opt/image-dsl",
      }),
    ],
    config: {
      Entrypoint: ["/usr/local/bin/node", "/opt/image-dsl/dist/cli.js"],
      Cmd: ["--version"],
      WorkingDir: "/work",
      Volumes: { "/work": {} },
    },
  }),
);
