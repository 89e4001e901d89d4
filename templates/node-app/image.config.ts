import { defineConfig, image, nodeApp } from "image-dsl";

const isHealthy = `fetch("http://127.0.0.1:8080/health").then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))`;

export default defineConfig({
  "node-app": image({
    ...nodeApp({ port: 8080 }),
    healthcheck: { cmd: ["node", "-e", isHealthy] },
  }),
});
