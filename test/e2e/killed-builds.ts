/**
 * Builds that are killed at random moments, each followed by one that is not: for the test, and in large numbers for
 * the soak. Two images are built: Redis with its scripts, whose packages the host's mirror gave once, and a small one
 * from an archive on the disk, which is fetched anew from a cold cache.
 */
import { spawn } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { javaScriptCommand } from "../../scripts/runtimes.ts";
import { openArchive, type TestArchive } from "./debian-archive.ts";
import { CLI, digestOf, namesIn, openFolder, runCli, writeProject, type RunOptions } from "./support.ts";

export interface KillProject {
  /** Its cache is warm at first. */
  readonly project: RunOptions;
  readonly cache: string;
  /** What `build -o digest --quiet` prints. */
  readonly expected: string;
  /** Leaves of the cache only what the host's mirror gave. */
  chill(): void;
  dispose(): void;
}

export type Warmth = "cold" | "warm" | "without script results";

export interface Kill {
  readonly warmth: Warmth;
  readonly afterMilliseconds: number;
  /** The build was over before. */
  readonly wasLate: boolean;
  /** What was wrong with the next build, with the cache, with what was left; empty where all was right. */
  readonly problems: readonly string[];
}

const WARMTHS: readonly Warmth[] = ["cold", "warm", "cold", "without script results"];

export function openKillProject(): KillProject {
  const archive = openArchive(
    Array.from({ length: 12 }, (_, index) => ({
      name: index === 0 ? "server" : `part${index}`,
      ...(index === 0 && {
        fields: { Depends: Array.from({ length: 11 }, (_each, part) => `part${part + 1}`).join(", ") },
      }),
      files: { [`usr/lib/part${index}/data`]: noise(index + 1, 400_000) },
    })),
  );
  const folder = openFolder("kills");
  const dispose = () => {
    archive.dispose();
    folder.dispose();
  };
  try {
    return { ...fillProject(folder.path, archive), dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

function fillProject(folder: string, archive: TestArchive): Omit<KillProject, "dispose"> {
  const cache = join(folder, "cache");
  const fetched = join(folder, "fetched");
  const cwd = writeProject(join(folder, "project"), {
    "image.config.mjs": configText(archive.uri, archive.keyring),
  });
  const project = { cwd, env: { IMAGE_DSL_CACHE: cache } };
  const redis = digestOf(["redis"], project);
  cpSync(cache, fetched, { recursive: true });
  const small = digestOf(["small"], project);
  return {
    project,
    cache,
    expected: `${redis}\n${small}`,
    chill() {
      rmSync(cache, { recursive: true, force: true });
      cpSync(join(fetched, "blobs"), join(cache, "blobs"), { recursive: true });
    },
  };
}

/** Kills `count` builds, at moments that `seed` gives, spread over the time that such a build takes. */
export async function killBuilds(
  on: KillProject,
  count: number,
  seed: number,
  onKill: (kill: Kill) => void = () => {},
): Promise<readonly Kill[]> {
  const chance = chances(seed);
  const durations = new Map<Warmth, number>();
  for (const warmth of new Set(WARMTHS)) durations.set(warmth, await durationOf(on, warmth));
  const kills: Kill[] = [];
  for (let index = 0; index < count; index++) {
    const warmth = WARMTHS[index % WARMTHS.length]!;
    const afterMilliseconds = Math.round(durations.get(warmth)! * chance());
    const kill = await killOne(on, warmth, afterMilliseconds);
    onKill(kill);
    kills.push(kill);
  }
  return kills;
}

async function killOne(on: KillProject, warmth: Warmth, afterMilliseconds: number): Promise<Kill> {
  prepare(on, warmth);
  const build = startBuild(on);
  await Promise.race([delay(afterMilliseconds), build.ended]);
  const wasLate = build.child.exitCode !== null;
  build.child.kill("SIGKILL");
  await build.ended;
  const problems = problemsAfter(on);
  // Scripts that it had started may still run; that must not have mattered.
  endGroup(build.child.pid);
  for (const name of namesIn(on.project.cwd)) if (name.startsWith("out.")) rmSync(join(on.project.cwd, name));
  return { warmth, afterMilliseconds, wasLate, problems };
}

function problemsAfter({ project, cache, expected }: KillProject): readonly string[] {
  const next = runCli(["build", "-o", "digest", "--quiet"], project);
  const printed = next.stdout.toString().trim();
  const verified = runCli(["cache", "verify"], project);
  const left = ["tmp", "running"].flatMap((name) => namesIn(join(cache, name)));
  return [
    ...(next.status === 0 ? [] : [`the next build ended with ${next.status}: ${next.stderr}`]),
    ...(next.status !== 0 || printed === expected ? [] : [`the next build gave ${printed}, not ${expected}`]),
    ...(/corrupt|not what was written/i.test(next.stderr)
      ? [`the next build found the cache corrupt: ${next.stderr}`]
      : []),
    ...(verified.status === 0 ? [] : [`cache verify: ${verified.stdout.toString()}${verified.stderr}`]),
    ...left.map((name) => `left behind: ${name}`),
  ];
}

async function durationOf(on: KillProject, warmth: Warmth): Promise<number> {
  prepare(on, warmth);
  const started = performance.now();
  const { child, ended } = startBuild(on);
  await ended;
  if (child.exitCode !== 0) throw new Error(`A build that nobody killed ended with ${child.exitCode}`);
  return performance.now() - started;
}

function prepare({ chill, cache }: KillProject, warmth: Warmth): void {
  if (warmth === "cold") chill();
  if (warmth === "without script results") rmSync(join(cache, "script-results"), { recursive: true, force: true });
}

/** In a group of its own, so that what it starts can be ended too. */
function startBuild({ project }: KillProject) {
  const { program, args } = javaScriptCommand("node");
  const { CI: _ci, ...inherited } = process.env;
  const child = spawn(program, [...args, CLI, "build", "-o", "docker-archive:out.{target}.tar"], {
    cwd: project.cwd,
    env: { ...inherited, ...project.env },
    stdio: "ignore",
    detached: true,
  });
  const ended = new Promise<void>((resolve) => child.on("exit", () => resolve()));
  return { child, ended };
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing of it runs any more.
  }
}

function configText(uri: string, keyring: string): string {
  const small = { suite: "test", packages: ["server"], mirror: uri, keyring };
  return `import { buildLayeredImage, debian } from "image-dsl";
export default {
  images: {
    redis: buildLayeredImage({
      name: "redis",
      contents: [debian({ suite: "bookworm", packages: ["redis-server"] })],
      extraCommands: "mkdir data; for each in $(seq 500); do echo $each > data/$each; done",
      fakeRootCommands: "chown -R 7 data",
    }),
    small: buildLayeredImage({ name: "small", contents: [debian(${JSON.stringify(small)})] }),
  },
};
`;
}

/** Text that does not compress well. */
function noise(seed: number, length: number): string {
  const chance = chances(seed);
  return Array.from({ length: Math.ceil(length / 8) }, () =>
    Math.floor(chance() * 2 ** 32)
      .toString(16)
      .padStart(8, "0"),
  ).join("");
}

/** Numbers from 0 to 1 that a seed gives: a linear congruence (Numerical Recipes, "quick and dirty"). */
function chances(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
