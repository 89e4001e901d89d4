import { bunApp, defineConfig, image } from "image-dsl";

const isHealthy = `fetch("http://127.0.0.1:8080/health").then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))`;

export default defineConfig({
  "bun-app": image({
    ...bunApp({ port: 8080 }),
    healthcheck: { cmd: ["bun", "-e", isHealthy] },
  }),
});
