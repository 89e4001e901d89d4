import { defineConfig, denoApp, image } from "image-dsl";

const isHealthy = `const { ok } = await fetch("http://127.0.0.1:8080/health"); Deno.exit(ok ? 0 : 1);`;

export default defineConfig({
  "deno-app": image({
    ...denoApp({ port: 8080 }),
    healthcheck: { cmd: ["deno", "eval", isHealthy] },
  }),
});
