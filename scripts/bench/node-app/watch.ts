/** From a saved line to the answer of a container that has it, while `build --watch` runs. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DOCKER_ENVIRONMENT } from "../../docker-host.ts";
import type { Bench } from "../bench.ts";
import { dockerAnswers, LABEL, pruneDockerImages } from "../docker.ts";
import type { BenchRow, Measured } from "../measure.ts";
import { peakOf } from "../peak-memory.ts";
import { run, runOrThrow } from "../run.ts";
import { QUIET } from "../shipping/change-file.ts";
import { freePort } from "../shipping/registry.ts";
import { markdown } from "../table.ts";
import { startMirror } from "./mirror.ts";
import { SERVER, writeProject } from "./project.ts";

export const SAVED = "a line of TypeScript, which Node runs as it is";

const OPTIONS = {
  [SAVED]: `entry: "${SERVER}"`,
  "a line of TypeScript, which a build step compiles": 'build: "npm run build"',
};

export const watch: Bench = {
  name: "watch",
  gigabytes: 3,
  async make(folder, cli) {
    if (!(await dockerAnswers())) throw new Error("no Docker daemon answers; run scripts/setup-test-host.sh");
    const mirror = await startMirror();
    const env = { IMAGE_DSL_CACHE: join(folder, "store"), ...mirror.env };
    const watched: Watched[] = [];
    const close = async () => {
      for (const { end } of watched) await end();
      await pruneDockerImages();
      await mirror.close();
    };
    try {
      for (const [name, options] of Object.entries(OPTIONS)) {
        const project = join(folder, String(watched.length));
        await writeProject(project, mirror.url);
        writeConfig(project, options);
        watched.push(await startWatching(name, project, cli, env));
      }
    } catch (error) {
      await close();
      throw error;
    }
    return {
      title: "a line is saved under build --watch --load --exec 'docker run …', until a container answers with it",
      rows: watched.map(({ row }) => row),
      table,
      close,
    };
  },
};

interface Watched {
  readonly row: BenchRow;
  end(): Promise<void>;
}

/** Gives what is measured once the first container answers. */
async function startWatching(
  name: string,
  project: string,
  cli: string,
  settings: Readonly<Record<string, string>>,
): Promise<Watched> {
  const port = await freePort();
  const container = `${LABEL}-${port}`;
  const remove = `docker rm --force ${container} > /dev/null 2>&1`;
  const start = `docker run --rm --name ${container} --network host --env PORT=${port} $IMAGE_DSL_REFERENCE`;
  const env = { ...settings, ...DOCKER_ENVIRONMENT, NODE_EXTRA_CA_CERTS: undefined };
  let watcher = 0;
  const ended = run(`exec ${cli} build --watch --load --tag ${container}:dev --exec '${remove}; exec ${start}'`, {
    cwd: project,
    env,
    onStart: (pid) => (watcher = pid),
  });
  const answers = (line: string) =>
    `until curl --silent 127.0.0.1:${port}/health | grep --quiet ${line}; do sleep 0.01; done`;
  const end = async () => {
    await run(`kill -INT ${watcher}`);
    await ended;
    await run(remove, { env });
  };
  const failed = ended.then(({ stderr }) => Promise.reject(new Error(stderr)));
  try {
    await Promise.race([runOrThrow(`timeout 300 bash -c '${answers('"0"')}'`), failed]);
  } catch (error) {
    await end();
    throw error;
  }
  return {
    row: {
      name,
      // As most editors save: another file takes the name.
      shell: `line=$(date +%N) && sed -i "s/build: \\".*\\"/build: \\"$line\\"/" ${SERVER} && ${answers("$line")}`,
      cwd: project,
      before: () => new Promise((resolve) => setTimeout(resolve, QUIET)),
      figures: () => ({ peak: peakOf(watcher) }),
    },
    end,
  };
}

function writeConfig(project: string, options: string): void {
  writeFileSync(
    join(project, "image.config.ts"),
    `import { defineConfig, image, nodeApp } from "image-dsl";
export default defineConfig(image({ ...nodeApp({ ${options} }), labels: { "${LABEL}": "" } }));
`,
  );
}

/** The memory is the watching process's. */
function table(rows: readonly Measured[]): string {
  return markdown(
    [],
    rows.map((row) => (row.problem === undefined ? { ...row, peak: row.figures["peak"]! } : row)),
  );
}
