/** One app by three builders, from its sources to the registry: at first, after a line of it changed, and after a package did. */
import { cpSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "../bench.ts";
import type { BenchRow, Measured, MeasuredTime } from "../measure.ts";
import { runOrThrow } from "../run.ts";
import { startRegistry, type Registry } from "../shipping/registry.ts";
import { QUIET } from "../shipping/change-file.ts";
import { STORE_ENVIRONMENT } from "../store.ts";
import { markdown } from "../table.ts";
import { remove, wipe } from "../work-folder.ts";
import { pushBases, type BaseSettings } from "./bases.ts";
import { containerify, dockerfile, imageDsl, type Builder, type Occasion } from "./builders.ts";
import { startMirror } from "./mirror.ts";
import { bump, BUMPED, changeLine, countPackages, writeProject } from "./project.ts";
import { blobsOf, newBlobs, type Blobs } from "./pushed.ts";

const BUILDERS = { ours: imageDsl, buildah: dockerfile, containerify };
const OCCASIONS: Readonly<Record<Occasion, string>> = {
  cold: "with nothing kept",
  line: "a line of the source changed",
  bump: `${BUMPED} bumped`,
};

/** Names of our rows. */
export const LINE = `image-dsl: nodeApp, ${OCCASIONS.line}`;
export const BUMP = `image-dsl: nodeApp, ${OCCASIONS.bump}`;

/** An image as it was first pushed. */
interface Made extends Builder {
  readonly project: string;
  readonly files: number;
  /** Of its files, in bytes. */
  readonly size: number;
}

export const nodeApp: Bench = {
  name: "node-app",
  gigabytes: 6,
  async make(folder, cli) {
    const [mirror, registry] = [await startMirror(), await startRegistry(join(folder, "registry"))];
    const env = { ...STORE_ENVIRONMENT, ...mirror.env };
    const settings = { cli, env, host: registry.host, npm: mirror };
    await pushBases(join(folder, "bases"), settings);
    const first = join(folder, "first");
    await writeProject(first, mirror.url);
    const made: Made[] = [];
    for (const [name, make] of Object.entries(BUILDERS)) {
      const project = join(folder, name);
      cpSync(first, project, { recursive: true });
      made.push(await firstBuild(await make(project, settings), project, settings, folder));
    }
    const { all, production } = countPackages(first);
    const occasions = Object.keys(OCCASIONS) as Occasion[];
    return {
      title: `a Fastify service in TypeScript, ${production} packages, ${all} with those of development, into docker-registry on loopback`,
      rows: occasions.flatMap((occasion) => made.map((each) => row(each, occasion, registry))),
      table: (measured) => table(measured, made),
      async close() {
        await registry.close();
        await mirror.close();
      },
    };
  },
};

async function firstBuild(
  builder: Builder,
  project: string,
  { cli, host }: BaseSettings,
  folder: string,
): Promise<Made> {
  const nothing = { ...builder, project, files: 0, size: 0 };
  if (builder.problem !== undefined) return nothing;
  const env = { NODE_EXTRA_CA_CERTS: undefined, ...builder.env };
  await runOrThrow(builder.shells.cold, { cwd: project, env });
  const tar = join(folder, "image.tar");
  await runOrThrow(`${cli} copy docker://${builder.reference} rootfs:'${tar}' --insecure ${host}`, {
    env: STORE_ENVIRONMENT,
  });
  const lines = (await runOrThrow(`tar tvf '${tar}'`)).trim().split("\n");
  const files = lines.filter((line) => line.startsWith("-"));
  remove(tar);
  return { ...nothing, files: files.length, size: files.reduce((sum, line) => sum + Number(line.split(/\s+/)[2]), 0) };
}

function row(builder: Made, occasion: Occasion, registry: Registry): BenchRow {
  const { name, reference, project, kept, env, shells, isPeer, problem } = builder;
  let before: Blobs = new Map();
  let round = 0;
  return {
    name: `${name}, ${OCCASIONS[occasion]}`,
    shell: shells[occasion],
    cwd: project,
    env,
    ...(isPeer && { isPeer }),
    ...(problem !== undefined && { problem }),
    isLong: isPeer === true || occasion === "cold",
    async before() {
      if (occasion === "cold") {
        registry.forget(reference);
        await wipe(kept);
        before = new Map();
      } else {
        before = await blobsOf(reference);
        if (occasion === "bump") await bump(project);
        else changeLine(project, `${process.pid}.${(round += 1)}`);
        await new Promise((resolve) => setTimeout(resolve, QUIET));
      }
      // What was written must not reach the disk while this is measured.
      await runOrThrow(`sync --file-system '${project}'`);
    },
    async figures() {
      const after = await blobsOf(reference);
      const fresh = newBlobs(before, after);
      // One is the config.
      return { layers: fresh.length - 1, bytes: fresh.reduce((sum, size) => sum + size, 0) };
    },
  };
}

/** Each row by ours of the same occasion. */
function table(rows: readonly Measured[], made: readonly Made[]): string {
  const oursOf = (at: number) => rows[at - (at % made.length)] as MeasuredTime;
  const index = new Map<Measured, number>(rows.map((each, at) => [each, at]));
  const builderOf = (each: Measured) => made[index.get(each)! % made.length]!;
  const isFirst = (each: Measured) => index.get(each)! < made.length;
  const kilobytes = (bytes: number) => (bytes / 1000).toLocaleString("en", { maximumFractionDigits: 1 });
  return markdown(
    [
      { title: "by ours", cell: (each) => (each.seconds / oursOf(index.get(each)!).seconds).toFixed(2) },
      { title: "layers pushed", cell: ({ figures }) => String(figures["layers"]) },
      { title: "kB pushed", cell: ({ figures }) => kilobytes(figures["bytes"]!) },
      { title: "MB of files", cell: (each) => (isFirst(each) ? (builderOf(each).size / 1e6).toFixed(1) : "") },
      { title: "files", cell: (each) => (isFirst(each) ? builderOf(each).files.toLocaleString("en") : "") },
    ],
    rows,
  );
}
