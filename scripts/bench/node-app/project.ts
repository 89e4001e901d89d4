/** The app of the Node benches: a web service in TypeScript, with the packages that such services have. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runOrThrow } from "../run.ts";

export const NAME = "shop";
export const SERVER = "src/server.ts";
/** What the running app says, where a saved line can be seen. */
export const LINE = /build: ".*"/;

/** What they need in turn moves, but not by much: figures are ratios of one run. */
const PACKAGES = {
  dependencies: {
    "@aws-sdk/client-s3": "3.750.0",
    "@fastify/cors": "10.0.2",
    "@fastify/helmet": "13.0.1",
    "@fastify/jwt": "9.0.4",
    "@fastify/rate-limit": "10.2.2",
    "@fastify/static": "8.1.0",
    "@fastify/swagger": "9.4.2",
    "@fastify/swagger-ui": "5.2.2",
    bullmq: "5.41.5",
    fastify: "5.2.1",
    ioredis: "5.5.0",
    nodemailer: "6.10.0",
    pg: "8.13.3",
    "pino-pretty": "13.0.0",
    "prom-client": "15.1.3",
    undici: "7.3.0",
    zod: "3.24.2",
  },
  devDependencies: {
    "@types/node": "22.13.5",
    "@types/pg": "8.11.11",
    esbuild: "0.25.0",
    eslint: "9.21.0",
    prettier: "3.5.2",
    typescript: "5.7.3",
    vitest: "3.0.7",
  },
};

/** The package that is bumped, which needs no other, through versions that come one after the other. */
export const BUMPED = "undici";
const FIRST_MINOR = 3;

const FILES: Readonly<Record<string, string>> = {
  [SERVER]: `import cors from "@fastify/cors";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import fastify from "fastify";
import { orders } from "./orders.ts";

const app = fastify();
await app.register(cors);
await app.register(helmet);
await app.register(rateLimit, { max: 100_000 });
await app.register(orders, { prefix: "/orders" });
app.get("/health", async () => ({ build: "0" }));
process.on("SIGTERM", () => void app.close());
await app.listen({ host: "127.0.0.1", port: Number(process.env["PORT"] ?? 3000) });
`,
  "src/orders.ts": `import type { FastifyInstance } from "fastify";

interface Order {
  readonly id: number;
  readonly total: number;
}

const ORDERS: readonly Order[] = [{ id: 1, total: 20 }];

export async function orders(app: FastifyInstance): Promise<void> {
  app.get("/", async () => ORDERS);
}
`,
  ".gitignore": "node_modules\ndist\nship\n",
};

/** Writes the project, with its lock. `registry` is the npm registry's address. */
export async function writeProject(folder: string, registry: string): Promise<void> {
  mkdirSync(join(folder, "src"), { recursive: true });
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, ".npmrc"), `registry=${registry}\n`);
  const scripts = {
    build: `esbuild ${SERVER} --bundle --packages=external --platform=node --format=esm --sourcemap --outdir=dist --log-level=warning`,
  };
  const manifest = { name: NAME, version: "1.0.0", private: true, type: "module", main: "dist/server.js" };
  writeManifest(folder, { ...manifest, engines: { node: "24" }, scripts, ...PACKAGES });
  await lock(folder);
}

/** A line of the source, as nobody has saved it before. */
export function changeLine(folder: string, text: string): void {
  const path = join(folder, SERVER);
  writeFileSync(path, readFileSync(path, "utf8").replace(LINE, `build: "${text}"`));
}

/** The next version of one package, in package.json and the lock. */
export async function bump(folder: string): Promise<void> {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as typeof PACKAGES;
  const { dependencies } = manifest;
  const [major, minor = FIRST_MINOR] = dependencies[BUMPED].split(".").map(Number);
  writeManifest(folder, { ...manifest, dependencies: { ...dependencies, [BUMPED]: `${major}.${minor + 1}.0` } });
  await lock(folder);
}

/** How many packages the lock names, and how many of them are for production. */
export function countPackages(folder: string): { readonly all: number; readonly production: number } {
  const { packages } = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")) as {
    packages: Readonly<Record<string, { readonly dev?: boolean }>>;
  };
  const { "": _root, ...installed } = packages;
  const each = Object.values(installed);
  return { all: each.length, production: each.filter(({ dev }) => dev !== true).length };
}

function writeManifest(folder: string, manifest: object): void {
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** As npm writes it by default, whatever npm's settings are here: the environment's go before the project's. */
async function lock(folder: string): Promise<void> {
  const [, registry] = /^registry=(.*)$/m.exec(readFileSync(join(folder, ".npmrc"), "utf8")) ?? [];
  const settings = `--registry=${registry} --omit-lockfile-registry-resolved=false`;
  await runOrThrow(`npm install --package-lock-only --ignore-scripts --no-audit --no-fund --silent ${settings}`, {
    cwd: folder,
  });
}
