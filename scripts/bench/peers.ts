/** Other builders of this host over the same files. One that is missing or fails is a row that says so. */
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DOCKER_ENVIRONMENT } from "../docker-host.ts";
import { dockerAnswers, LABEL, pruneDockerImages } from "./docker.ts";
import type { BenchRow } from "./measure.ts";
import { run, runOrThrow } from "./run.ts";
import type { BenchPlaces } from "./rows.ts";
import { STORE_ENVIRONMENT } from "./store.ts";

interface Peer {
  readonly program: string;
  /** What it is made to do, shown behind its name and version. */
  readonly does: string;
  /** Writes only below `folder`, which is empty, and is the working directory. */
  shell(tree: string): string;
  readonly env?: Readonly<Record<string, string>>;
  /** Why it cannot work here. */
  problem?(): Promise<string | undefined>;
  /** Not measured. */
  prepare?(places: BenchPlaces): Promise<void>;
  tidy?(): Promise<void>;
}

const PEERS: readonly Peer[] = [
  {
    program: "buildah",
    does: "from scratch, copy, commit to docker-archive",
    shell: (tree) => {
      // vfs mounts nothing, so that a bench that is killed leaves only files.
      const buildah = "buildah --root $PWD/storage --runroot $PWD/run --storage-driver vfs";
      const commit = "commit --quiet --format docker $container docker-archive:image.tar:bench:latest";
      return `container=$(${buildah} from scratch) && ${buildah} copy --quiet $container '${tree}' / && ${buildah} ${commit}`;
    },
  },
  {
    program: "umoci",
    does: "init, new, insert (gzip)",
    shell: (tree) =>
      `umoci init --layout image && umoci new --image image:bench && umoci insert --image image:bench '${tree}' /`,
  },
  {
    program: "skopeo",
    does: "copy docker-archive to an OCI layout (gzip)",
    shell: () => "skopeo copy --quiet docker-archive:../skopeo.tar oci:image:bench",
    async prepare({ cli, project, folder }) {
      const archive = join(folder, "skopeo.tar");
      if (existsSync(archive)) return;
      await runOrThrow(`${cli} build -o docker-archive:'${archive}' --quiet`, { cwd: project, env: STORE_ENVIRONMENT });
    },
  },
  {
    program: "docker",
    does: "build, classic (memory of the client only)",
    shell: (tree) =>
      // The label comes first, so that a build that is cut short leaves nothing without it.
      `printf 'FROM scratch\\nLABEL ${LABEL}=\\nCOPY . /\\n' > Dockerfile && ` +
      `docker build --quiet --no-cache --file Dockerfile '${tree}' > /dev/null`,
    env: { DOCKER_BUILDKIT: "0", ...DOCKER_ENVIRONMENT },
    problem: async () => ((await dockerAnswers()) ? undefined : "not running"),
    prepare: pruneDockerImages,
    tidy: pruneDockerImages,
  },
];

export async function peerRows(places: BenchPlaces): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const peer of PEERS) rows.push(await peerRow(peer, places));
  return rows;
}

async function peerRow(peer: Peer, places: BenchPlaces): Promise<BenchRow> {
  const { program, does } = peer;
  const { code, stdout } = await run(`${program} --version`);
  if (code !== 0) return { name: `${program}: ${does}`, shell: "", problem: "not installed" };
  const [version = ""] = /\d+(\.\d+)+/.exec(stdout) ?? [];
  const problem = await peer.problem?.();
  const folder = join(places.folder, program);
  return {
    name: `${program} ${version}: ${does}`,
    shell: peer.shell(places.tree),
    cwd: folder,
    isPeer: true,
    isLong: true,
    ...(peer.env && { env: peer.env }),
    ...(problem !== undefined && { problem }),
    async before() {
      mkdirSync(folder, { recursive: true });
      await peer.prepare?.(places);
      await settle(places);
    },
    async after() {
      rmSync(folder, { recursive: true, force: true });
      await peer.tidy?.();
      await settle(places);
    },
  };
}

/** What was written must not reach the disk while the next command is measured. */
async function settle({ folder }: BenchPlaces): Promise<void> {
  await runOrThrow(`sync --file-system '${folder}'`);
}
