import { defineConfig, files, image, nodeApp } from "image-dsl";

// What all apps import of the workspace itself, as pnpm links it.
const greeting = files("packages/greeting", {
  dest: "/app/node_modules/@__NAME__/greeting",
  exclude: ["node_modules"],
});

export default defineConfig({
  api: image(nodeApp({ dir: "apps/api", dependencies: greeting, port: 8080 })),
  web: image(nodeApp({ dir: "apps/web", dependencies: greeting, port: 8080 })),
  worker: image(nodeApp({ dir: "apps/worker", dependencies: greeting })),
});
