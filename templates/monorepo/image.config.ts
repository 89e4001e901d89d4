import { defineConfig, image, nodeApp } from "image-dsl";

// What each imports, packages/ among it, comes into its image as pnpm-lock.yaml says.
export default defineConfig({
  api: image(nodeApp({ dir: "apps/api", port: 8080 })),
  web: image(nodeApp({ dir: "apps/web", port: 8080 })),
  worker: image(nodeApp({ dir: "apps/worker" })),
});
