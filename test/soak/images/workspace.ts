/** A workspace of npm services as platform teams have them: packages that most need, packages that some need, one lock. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runOrThrow } from "../../../scripts/bench/run.ts";
import { writeOwnData } from "./own-data.ts";

const ALL = { fastify: "5.2.1", pino: "9.6.0", zod: "3.24.2" };

/** Each service needs two of them. */
const SOME = {
  "@fastify/cors": "10.0.2",
  "@fastify/helmet": "13.0.1",
  "@fastify/jwt": "9.0.4",
  "@fastify/rate-limit": "10.2.2",
  ioredis: "5.5.0",
  nodemailer: "6.10.0",
  pg: "8.13.3",
  "prom-client": "15.1.3",
  undici: "7.3.0",
  bullmq: "5.41.5",
};

export interface Workspace {
  readonly folder: string;
  /** Names of services, which are names of targets, in the config's order. */
  readonly services: readonly string[];
}

export interface WorkspaceWish {
  readonly count: number;
  /** MB of data that each service has for itself. */
  readonly own: number;
  /** Images are called `HOST/ours/SERVICE:1`. */
  readonly host: string;
  /** Of packages. */
  readonly registry: string;
}

export async function writeWorkspace(
  folder: string,
  { count, own, host, registry }: WorkspaceWish,
): Promise<Workspace> {
  const services = Array.from({ length: count }, (_, at) => `service-${String(at).padStart(4, "0")}`);
  const manifest = (path: string, fields: object) => {
    mkdirSync(join(folder, path), { recursive: true });
    writeFileSync(join(folder, path, "package.json"), `${JSON.stringify(fields, undefined, 2)}\n`);
  };
  manifest("", { name: "workspace", private: true, workspaces: ["services/*"], engines: { node: "24" } });
  const some = Object.entries(SOME);
  for (const [at, name] of services.entries()) {
    const needed = [at, Math.floor(at / some.length) + at + 1].map((each) => some[each % some.length]!);
    const dependencies = { ...ALL, ...Object.fromEntries(needed) };
    manifest(`services/${name}`, {
      name,
      version: "1.0.0",
      private: true,
      type: "module",
      main: "server.js",
      dependencies,
    });
    writeFileSync(join(folder, "services", name, "server.js"), serverText(name));
    if (own > 0) writeOwnData(join(folder, "services", name, "data"), name, own);
  }
  writeFileSync(join(folder, ".npmrc"), `registry=${registry}\n`);
  writeFileSync(
    join(folder, "image.config.ts"),
    `import { readdirSync } from "node:fs";
import { debian, defineConfig, image, nodeApp } from "image-dsl";

export default defineConfig(Object.fromEntries(readdirSync("services").sort().map((name, at) => {
  const app = nodeApp({ dir: \`services/\${name}\` });
  const more = at % 3 === 0 ? [debian({ suite: "trixie", packages: ["tzdata"] })] : [];
  return [name, image({ ...app, contents: [...app.contents, ...more], name: \`${host}/ours/\${name}\`, tag: "1" })];
})));
`,
  );
  await runOrThrow(
    `npm install --package-lock-only --ignore-scripts --no-audit --no-fund --silent --registry=${registry} --omit-lockfile-registry-resolved=false`,
    { cwd: folder },
  );
  return { folder, services };
}

/** A line of one service's source, as nobody has saved it before. */
export function changeLine({ folder, services }: Workspace, at: number, text: string): void {
  writeFileSync(join(folder, "services", services[at]!, "server.js"), serverText(`${services[at]} ${text}`));
}

function serverText(says: string): string {
  return `import fastify from "fastify";

const app = fastify();
app.get("/", async () => ({ says: "${says}" }));
process.on("SIGTERM", () => void app.close());
await app.listen({ host: "0.0.0.0", port: Number(process.env["PORT"] ?? 3000) });
`;
}
