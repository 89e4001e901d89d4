/** An image of which one of 40 layers changed, into the Docker daemon. What is sent is counted in test/plugins/daemons. */
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DOCKER_ENVIRONMENT } from "../../docker-host.ts";
import type { Bench } from "../bench.ts";
import { dockerAnswers, LABEL, pruneDockerImages } from "../docker.ts";
import type { BenchRow } from "../measure.ts";
import { runOrThrow } from "../run.ts";
import { shippingTable } from "../table.ts";
import { changeFile } from "./change-file.ts";

const LAYERS = 40;
const LAYER_BYTES = 3_000_000;

export const LOAD = "image-dsl build --load";
export const LOAD_WHOLE = "image-dsl stream | docker load";

export const load: Bench = {
  name: "load",
  gigabytes: 2,
  async make(folder, cli) {
    if (!(await dockerAnswers())) throw new Error("no Docker daemon answers; run scripts/setup-test-host.sh");
    const project = join(folder, "project");
    const env = { ...DOCKER_ENVIRONMENT, IMAGE_DSL_CACHE: join(folder, "store") };
    const change = () => changeFile(join(project, `part-${LAYERS - 1}`, "file"), LAYER_BYTES);
    const row = (name: string, shell: string): BenchRow => {
      return { name, shell: `${shell} > /dev/null`, cwd: project, env, before: change };
    };
    writeProject(project);
    await runOrThrow(`${cli} build --load --quiet`, { cwd: project, env });
    return {
      title: `one of ${LAYERS} layers changed, each ${LAYER_BYTES / 1e6} MB of noise, into Docker`,
      rows: [
        row(LOAD, `${cli} build --load --quiet`),
        row(LOAD_WHOLE, `${cli} stream --quiet | docker load -q`),
        {
          ...row("docker load of the whole archive, built before", "docker load -qi image.tar"),
          async before() {
            await change();
            await runOrThrow(`${cli} build -o docker-archive:image.tar --quiet`, { cwd: project, env });
          },
        },
      ],
      table: shippingTable,
      close: pruneDockerImages,
    };
  },
};

function writeProject(project: string): void {
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
