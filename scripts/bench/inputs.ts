/** What the benches build: projects in a folder of their own, and the same files as a folder for other programs. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface BenchInput {
  /** Holds image.config.ts. */
  readonly project: string;
  /** The image's files. */
  readonly tree: string;
  /** What it is, with its figures. */
  readonly title: string;
}

/** About 110 packages of Debian. Its first build fetches them; the package store is filled afterwards. */
export function debianClosure(project: string, cli: string): BenchInput {
  mkdirSync(project);
  writeConfig(
    project,
    `debian({ suite: "bookworm", packages: ["git", "python3", "nodejs", "nginx", "redis-server"] })`,
  );
  execFileSync("sh", ["-c", `${cli} build -o rootfs:tree --quiet`], {
    cwd: project,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const tree = join(project, "tree");
  return { project, tree, title: `A Debian closure (git, Python, Node, nginx, Redis): ${sizeOf(tree)}` };
}

/** Many small files from the host, as a `node_modules` has them. The sizes are made up, but the same in every run. */
export function manyFiles(project: string): BenchInput {
  const tree = join(project, "app");
  for (let folder = 0; folder < 1750; folder++) {
    const path = join(tree, `package-${folder % 250}`, `part-${folder}`);
    mkdirSync(path, { recursive: true });
    const files = folder < 500 ? 15 : 14;
    for (let file = 0; file < files; file++) {
      const size = (folder * 7919 + file * 104_729) % 37_000;
      writeFileSync(join(path, `file-${file}.js`), Buffer.alloc(size, `${folder}.${file} `));
    }
  }
  writeConfig(project, `files("app", { dest: "/app" })`);
  return { project, tree, title: `Many small files with files(): ${sizeOf(tree)}` };
}

function writeConfig(project: string, source: string): void {
  writeFileSync(
    join(project, "image.config.ts"),
    `import { buildLayeredImage, debian, defineConfig, files } from "image-dsl";
export default defineConfig(buildLayeredImage({ name: "bench", contents: [${source}] }));
`,
  );
}

function sizeOf(tree: string): string {
  const entries = execFileSync("find", [tree, "-printf", "x"], { maxBuffer: 1 << 30 }).length;
  const megabytes = execFileSync("du", ["-s", "--apparent-size", "--block-size=1MB", tree], { encoding: "utf8" });
  return `${entries.toLocaleString("en")} entries, ${megabytes.split("\t")[0]} MB`;
}
