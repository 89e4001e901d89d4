/** One file of the app changes in five typical images: what Docker has to take, beside the same images with the app lowest. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DOCKER_ENVIRONMENT } from "../../docker-host.ts";
import type { Bench } from "../bench.ts";
import { dockerAnswers, pruneDockerImages } from "../docker.ts";
import type { BenchRow, Figures, Measured, MeasuredTime } from "../measure.ts";
import { runOrThrow } from "../run.ts";
import { STORE_ENVIRONMENT } from "../store.ts";
import { markdown } from "../table.ts";
import { changeFile } from "./change-file.ts";
import { PROJECTS, writeProject } from "./one-line-projects.ts";

const APP_BYTES = 1700;

/** The project's image as it is planned, and as it was planned before: the app below all else. */
const ORDERS = { now: "", lowest: ", app lowest" };
const WAYS = ["docker load", "build --load"] as const;

export const oneLine: Bench = {
  name: "one-line",
  gigabytes: 5,
  async make(folder, cli) {
    if (!(await dockerAnswers())) throw new Error("no Docker daemon answers; run scripts/setup-test-host.sh");
    const env = { ...DOCKER_ENVIRONMENT, ...STORE_ENVIRONMENT };
    const rows: BenchRow[] = [];
    for (const project of PROJECTS) {
      const cwd = join(folder, project.name);
      writeProject(cwd, project);
      for (const order of ["now", "lowest"] as const) {
        const said = join(cwd, `said-${order}`);
        const archive = `${order}.tar`;
        const here = (shell: string) => runOrThrow(shell, { cwd, env });
        const build = `${cli} build ${order} -o docker-archive:${archive} --quiet`;
        await here(`${cli} build ${order} --load --quiet`);
        let taken: Figures = {};
        rows.push(
          {
            name: `${project.name}: ${WAYS[0]}${ORDERS[order]}`,
            shell: `docker load -qi ${archive} > /dev/null`,
            cwd,
            env,
            async before() {
              await here(build);
              const known = await layersOf(here, archive);
              await changeFile(join(cwd, "dist/app.js"), APP_BYTES);
              await here(build);
              const layers = await layersOf(here, archive);
              const first = layers.findIndex(({ diffID }, index) => diffID !== known[index]?.diffID);
              const lacked = layers.slice(first);
              taken = { layers: lacked.length, bytes: lacked.reduce((sum, { size }) => sum + size, 0) };
            },
            figures: () => taken,
          },
          {
            name: `${project.name}: ${WAYS[1]}${ORDERS[order]}`,
            shell: `${cli} build ${order} --load > '${said}' 2>&1`,
            cwd,
            env,
            before: () => changeFile(join(cwd, "dist/app.js"), APP_BYTES),
            figures: () => sentIn(readFileSync(said, "utf8")),
          },
        );
      }
    }
    return {
      title: `a file of ${APP_BYTES / 1000} kB changes in the app of five images, into Docker`,
      rows,
      table: oneLineTable,
      close: pruneDockerImages,
    };
  },
};

interface ArchiveLayer {
  readonly diffID: string;
  readonly size: number;
}

/** Bottom first. */
async function layersOf(here: (shell: string) => Promise<string>, archive: string): Promise<readonly ArchiveLayer[]> {
  const [{ Config, Layers }] = JSON.parse(await here(`tar xOf ${archive} manifest.json`)) as [
    { Config: string; Layers: readonly string[] },
  ];
  const { rootfs } = JSON.parse(await here(`tar xOf ${archive} ${Config}`)) as {
    rootfs: { diff_ids: readonly string[] };
  };
  const lines = (await here(`tar tvf ${archive}`)).trim().split("\n");
  const sizes = new Map(lines.map((line) => [line.split(/\s+/)[5]!, Number(line.split(/\s+/)[2])]));
  return Layers.map((name, index) => ({ diffID: rootfs.diff_ids[index]!, size: sizes.get(name)! }));
}

const UNITS: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 };

/** What `--load` says that it sent. */
function sentIn(said: string): Figures {
  const [, layers, size, unit] = /(\d+) of \d+ layers sent, ([\d.]+) (\w+)/.exec(said) ?? [];
  if (unit === undefined) throw new Error(`--load does not say what it sent: ${said}`);
  return { layers: Number(layers), bytes: Number(size) * UNITS[unit]! };
}

/** Each row by the one of the same image with the app lowest. */
function oneLineTable(rows: readonly Measured[]): string {
  const timed = new Map(rows.map((row) => [row.name, row as MeasuredTime]));
  const lowest = (row: MeasuredTime) => timed.get(`${row.name}${ORDERS.lowest}`);
  return markdown(
    [
      { title: "layers taken", cell: ({ figures }) => String(figures["layers"]) },
      {
        title: "kB taken",
        cell: ({ figures }) => (figures["bytes"]! / 1000).toLocaleString("en", { maximumFractionDigits: 1 }),
      },
      {
        title: "time by app lowest",
        cell: (row) => {
          const other = lowest(row);
          return other === undefined ? "" : (row.seconds / other.seconds).toFixed(2);
        },
      },
    ],
    rows,
  );
}
