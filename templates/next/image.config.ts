import { defineConfig, files, image, nodeApp } from "image-dsl";

const isHealthy = `fetch("http://127.0.0.1:8080/health").then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))`;

// A server with the packages that it imports; Next leaves it to us to put the files beside it that browsers ask for.
const server = ".next/standalone";
const app = nodeApp({ files: [server], entry: `${server}/server.js`, dependencies: false, port: 8080 });

export default defineConfig({
  next: image({
    ...app,
    contents: [
      ...app.contents,
      files(".next/static", { dest: `/app/${server}/.next/static` }),
      files("public", { dest: `/app/${server}/public` }),
    ],
    env: { ...app.env, HOSTNAME: "0.0.0.0", PORT: "8080", NEXT_TELEMETRY_DISABLED: "1" },
    healthcheck: { cmd: ["node", "-e", isHealthy] },
  }),
});
