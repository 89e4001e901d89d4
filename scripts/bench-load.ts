/**
 * `npm run bench:load [-- --rounds N]`: an image of which one of 40 layers changed, into the tests' Docker daemon: as `--load`, and by
 * `docker load` of the whole archive. Prints medians; nothing is written. What is sent is counted in test/plugins/daemons.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { dockerAnswers, LABEL, pruneDockerImages } from "./bench/docker.ts";
import { measure, type BenchRow } from "./bench/measure.ts";
import { copyProgram } from "./bench/program.ts";
import { runOrThrow } from "./bench/run.ts";
import { makeWorkFolder } from "./bench/work-folder.ts";
import { DOCKER_ENVIRONMENT } from "./docker-host.ts";

const LAYERS = 40;
const LAYER_BYTES = 3_000_000;
/** A file that changed less than two seconds ago is not believed to be what it was. */
const QUIET = 2100;

const { values } = parseArgs({ options: { rounds: { type: "string" } } });
const work = makeWorkFolder();
const cli = copyProgram(work);
const project = join(work, "project");
const env = { ...DOCKER_ENVIRONMENT, IMAGE_DSL_CACHE: join(work, "store") };

if (!(await dockerAnswers())) throw new Error("no Docker daemon answers; run scripts/setup-test-host.sh");
writeProject();
await runOrThrow(`${cli} build --load --quiet`, { cwd: project, env });
const rows: readonly BenchRow[] = [
  own("image-dsl build --load", `${cli} build --load --quiet`),
  own("image-dsl stream | docker load", `${cli} stream --quiet | docker load -q`),
  {
    ...own("docker load of the whole archive alone", "docker load -qi image.tar"),
    async before() {
      await change();
      await runOrThrow(`${cli} build -o docker-archive:image.tar --quiet`, { cwd: project, env });
    },
  },
];
for (const row of await measure(rows, Number(values.rounds ?? 5))) {
  console.log(`${row.name}: ${row.problem ?? `${row.seconds.toFixed(2)} s`}`);
}
await pruneDockerImages();

function own(name: string, shell: string): BenchRow {
  return { name, shell: `${shell} > /dev/null`, cwd: project, env, before: change };
}

function writeProject(): void {
  const names = Array.from({ length: LAYERS }, (_, index) => `part-${String(index).padStart(2, "0")}`);
  for (const name of names) {
    mkdirSync(join(project, name), { recursive: true });
    writeFileSync(join(project, name, "file"), randomBytes(LAYER_BYTES));
  }
  const contents = names.map((name) => `files("${name}", { dest: "/${name}" })`).join(", ");
  writeFileSync(
    join(project, "image.config.ts"),
    `import { buildLayeredImage, defineConfig, files } from "image-dsl";
export default defineConfig({ images: { app: buildLayeredImage({
  name: "image-dsl-bench-load", tag: "1", maxLayers: ${LAYERS + 5}, config: { Labels: { "${LABEL}": "" } }, contents: [${contents}],
}) } });
`,
  );
}

async function change(): Promise<void> {
  writeFileSync(join(project, `part-${LAYERS - 1}`, "file"), randomBytes(LAYER_BYTES));
  await new Promise((resolve) => setTimeout(resolve, QUIET));
}
