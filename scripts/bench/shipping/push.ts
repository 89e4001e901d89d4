/**
 * A file changes in an image of 100 layers, an earlier state of which is in a registry: from the edit to the pushed image. The
 * peers only push, what we built for them before: the image with the change, whose earlier state they have pushed themselves.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DOCKER_ENVIRONMENT } from "../../docker-host.ts";
import type { Bench } from "../bench.ts";
import { dockerAnswers, LABEL, pruneDockerImages } from "../docker.ts";
import type { BenchRow } from "../measure.ts";
import { run, runOrThrow } from "../run.ts";
import { shippingTable } from "../table.ts";
import { buildah } from "./buildah.ts";
import { changeFile } from "./change-file.ts";
import { startRegistry } from "./registry.ts";

const LAYERS = 100;
const FILES = 250;
const CHANGED = "part-50/file-7.js";
const CHANGED_BYTES = 10_000;

export const PUSH = "image-dsl build --push";
export const SKOPEO = "skopeo copy of an OCI layout, built before";
export const DOCKER = "image-dsl build -o docker-daemon && docker push";
export const BUILDAH = "buildah commit && buildah push, the file copied before";
export const START_AND_LOOK = "node -e 0; find -printf";

export const push: Bench = {
  name: "push",
  gigabytes: 3,
  async make(folder, cli) {
    const project = join(folder, "project");
    const registry = await startRegistry(join(folder, "registry"));
    const repository = (of: string): string => `${registry.host}/${of}/app:1`;
    const env = { ...DOCKER_ENVIRONMENT, IMAGE_DSL_CACHE: join(folder, "store") };
    const requests = new Map<string, number>();

    /** Each has a repository of its own, for which the change is new in each round. */
    function row(name: string, shell: string, prepare?: () => Promise<unknown>): BenchRow {
      let before = 0;
      return {
        name,
        shell,
        cwd: project,
        env,
        async before() {
          await changeFile(join(project, CHANGED), CHANGED_BYTES);
          await prepare?.();
          before = await registry.requests();
        },
        async after() {
          requests.set(name, (await registry.requests()) - before);
        },
      };
    }

    /** `first` pushes the image's earlier state. */
    async function peers(program: string, first: () => Promise<unknown>, rows: readonly BenchRow[]) {
      const isThere =
        (await run(`${program} --version`)).code === 0 && (program !== "docker" || (await dockerAnswers()));
      if (!isThere) return rows.map(({ name }) => ({ name, shell: "", problem: "not installed, or not running" }));
      await first();
      return rows.map((each) => ({ ...each, isPeer: true }));
    }

    const here = (shell: string) => runOrThrow(shell, { cwd: project, env });
    const layout = () => here(`rm -rf ../layout && ${cli} build -o oci:../layout:1 --quiet`);
    const load = `${cli} build -o docker-daemon:'${repository("docker")}' --quiet`;
    const loaded = () => here(load);
    const inStorage = (command: string) => buildah(join(folder, "buildah"), command);
    const copied = () =>
      here(
        `${inStorage("rm --all")} > /dev/null && ${inStorage("from --pull-never --name changed first")} > /dev/null && ` +
          `${inStorage(`copy --quiet changed ${CHANGED} /app/${CHANGED}`)}`,
      );
    const commit = inStorage("commit --quiet changed second");

    const skopeoCopy = `skopeo copy --quiet --dest-tls-verify=false oci:../layout:1 docker://${repository("skopeo")}`;
    const dockerPush = `docker push --quiet ${repository("docker")}`;
    const buildahPush = (image: string) =>
      inStorage(`push --quiet --tls-verify=false ${image} docker://${repository("buildah")}`);

    async function pushFirst() {
      await layout();
      await here(`${inStorage("tag")} $(cd .. && ${inStorage("pull --quiet oci:layout:1")}) first`);
      await here(buildahPush("first"));
    }

    writeProject(project, repository("ours"));
    await here(`${cli} build --push --insecure ${registry.host} --quiet`);
    const rows = [
      row(PUSH, `${cli} build --push --insecure ${registry.host} --quiet`),
      ...(await peers("skopeo", () => layout().then(() => here(skopeoCopy)), [row(SKOPEO, skopeoCopy, layout)])),
      ...(await peers("docker", () => loaded().then(() => here(dockerPush)), [
        row(DOCKER, `${load} && ${dockerPush}`),
        row("docker push alone", dockerPush, loaded),
      ])),
      ...(await peers("buildah", pushFirst, [
        row(BUILDAH, `${commit} && ${buildahPush("second")}`, copied),
        row("buildah push alone", buildahPush("second"), () => copied().then(() => here(commit))),
      ])),
      { name: START_AND_LOOK, shell: "node -e 0; find . -printf '%s %T@ %C@ %i %D\\n' > /dev/null", cwd: project },
    ];
    return {
      title: `a file of ${CHANGED_BYTES / 1000} kB changes in an image of ${LAYERS} layers and ${(LAYERS * FILES).toLocaleString("en")} files, into docker-registry on loopback`,
      rows,
      table: (measured) => shippingTable(measured, requests),
      async close() {
        await registry.close();
        await pruneDockerImages();
      },
    };
  },
};

/** As many layers as folders, of small files of varied sizes. */
function writeProject(project: string, reference: string): void {
  const parts = Array.from({ length: LAYERS }, (_, index) => `part-${String(index).padStart(2, "0")}`);
  for (const [index, part] of parts.entries()) {
    mkdirSync(join(project, part), { recursive: true });
    for (let file = 0; file < FILES; file++) {
      const size = (index * 7919 + file * 104_729) % 9000;
      writeFileSync(join(project, part, `file-${file}.js`), Buffer.alloc(size, `${index}.${file} `));
    }
  }
  const [name, tag] = [reference.slice(0, reference.lastIndexOf(":")), reference.slice(reference.lastIndexOf(":") + 1)];
  writeFileSync(
    join(project, "image.config.ts"),
    `import { buildLayeredImage, defineConfig, files } from "image-dsl";
const parts = ${JSON.stringify(parts)};
export default defineConfig(buildLayeredImage({
  name: "${name}", tag: "${tag}", maxLayers: ${LAYERS + 1}, config: { Labels: { "${LABEL}": "" } },
  contents: parts.map((part) => files(part, { dest: \`/app/\${part}\` })),
}));
`,
  );
}
