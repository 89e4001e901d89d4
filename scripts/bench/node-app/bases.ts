/** The images that the other builders begin with, in their registry: the very runtime that nodeApp brings, and one that builds on it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runOrThrow } from "../run.ts";
import type { Mirror } from "./mirror.ts";

export const RUNTIME = "base/runtime:1";
export const BUILDER = "base/builder:1";

const NPM = "11.6.0";

export interface BaseSettings {
  readonly cli: string;
  readonly env: Readonly<Record<string, string>>;
  /** The registry of images. */
  readonly host: string;
  readonly npm: Mirror;
}

/** An empty app is the runtime, with its user and its first process. Debian's essential packages and npm are what builds. */
export async function pushBases(folder: string, { cli, env, host, npm }: BaseSettings): Promise<void> {
  mkdirSync(join(folder, "tools"), { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const manifest = (fields: object) => `${JSON.stringify({ private: true, ...fields })}\n`;
  write("package.json", manifest({ name: "base", main: "base.js", engines: { node: "24" } }));
  write("base.js", "");
  write("tools/package.json", manifest({ name: "tools", dependencies: { npm: NPM } }));
  for (const place of ["", "tools/"]) write(`${place}.npmrc`, `registry=${npm.url}\n`);
  write(
    "image.config.ts",
    `import { debian, defineConfig, image, node, nodeApp, npm } from "image-dsl";
export default defineConfig({ images: {
  runtime: image({ ...nodeApp({ dependencies: false, files: [] }), name: "${host}/${repositoryOf(RUNTIME)}", tag: "1" }),
  builder: image({
    name: "${host}/${repositoryOf(BUILDER)}", tag: "1",
    contents: [node({ version: "24" }), debian({ suite: "trixie", packages: ["ca-certificates"], essential: true }), npm({ dir: "tools", dest: "/usr/local/lib" })],
    env: { PATH: "/usr/local/lib/node_modules/.bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
  }),
} });
`,
  );
  await runOrThrow("npm install --package-lock-only --ignore-scripts --silent", {
    cwd: join(folder, "tools"),
    env: npm.env,
  });
  await runOrThrow(`${cli} build --push --insecure ${host} --quiet`, { cwd: folder, env });
}

function repositoryOf(reference: string): string {
  return reference.slice(0, reference.lastIndexOf(":"));
}
