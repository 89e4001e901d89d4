/** What is fetched when nothing is there: an app's image, and its packages alone, beside `npm ci` of the same lock. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "../bench.ts";
import type { BenchRow, Measured, MeasuredTime } from "../measure.ts";
import { runOrThrow } from "../run.ts";
import { markdown } from "../table.ts";
import { wipe } from "../work-folder.ts";
import { startMirror } from "./mirror.ts";
import { countPackages, SERVER, writeProject } from "./project.ts";

export const PACKAGES = "image-dsl build: its packages of production";
export const NPM_CI = "npm ci --omit=dev";

export const npmCi: Bench = {
  name: "npm-ci",
  gigabytes: 3,
  async make(folder, cli) {
    const mirror = await startMirror();
    const project = join(folder, "project");
    mkdirSync(project);
    await writeProject(project, mirror.url);
    writeFileSync(
      join(project, "image.config.ts"),
      `import { defineConfig, image, nodeApp, npm } from "image-dsl";
export default defineConfig({ images: {
  app: image(nodeApp({ entry: "${SERVER}" })),
  packages: image({ name: "packages", contents: npm({ dir: "." }) }),
} });
`,
    );
    const store = join(folder, "store");
    const cache = join(folder, "npm");
    const env = { IMAGE_DSL_CACHE: store, npm_config_cache: cache, ...mirror.env };
    let before = 0;
    const row = (name: string, shell: string): BenchRow => ({
      name,
      shell,
      cwd: project,
      env,
      async before() {
        await wipe([store, cache, join(project, "node_modules"), join(project, "image.tar")]);
        await runOrThrow(`sync --file-system '${folder}'`);
        before = mirror.bytes();
      },
      figures: () => ({ fetched: mirror.bytes() - before }),
    });
    const build = (target: string) => `${cli} build ${target} -o docker-archive:image.tar --quiet`;
    const install = "npm ci --ignore-scripts --no-audit --no-fund --silent";
    // Writes the lock, and brings everything into the mirror.
    await runOrThrow(`${cli} build -o digest --quiet`, { cwd: project, env });
    const { all, production } = countPackages(project);
    return {
      title: `${production} packages, ${all} with those of development, all fetched, with an empty store and an empty cache`,
      rows: [
        row(PACKAGES, build("packages")),
        row(NPM_CI, `${install} --omit=dev`),
        row("npm ci", install),
        row("image-dsl build: nodeApp, with Node and its libraries", build("app")),
      ],
      table,
      close: mirror.close,
    };
  },
};

function table(rows: readonly Measured[]): string {
  const [ours] = rows as readonly [MeasuredTime];
  return markdown(
    [
      { title: "by ours", cell: ({ seconds }) => (seconds / ours.seconds).toFixed(2) },
      { title: "MB fetched", cell: ({ figures }) => (figures["fetched"]! / 1e6).toFixed(1) },
    ],
    rows,
  );
}
