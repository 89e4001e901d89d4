/** Images that the bench makes in a Docker daemon: they bear a label, by which they are removed and no others. */
import { spawn } from "node:child_process";
import { DOCKER_ENVIRONMENT } from "../docker-host.ts";
import { run } from "./run.ts";

export const LABEL = "image-dsl-bench";

const PRUNE = `docker image prune --all --force --filter label=${LABEL}`;
let mayHaveImages = false;

export async function dockerAnswers(): Promise<boolean> {
  const { code } = await run("timeout 10 docker info", { env: DOCKER_ENVIRONMENT });
  return code === 0;
}

export async function pruneDockerImages(): Promise<void> {
  mayHaveImages = true;
  await run(PRUNE, { env: DOCKER_ENVIRONMENT });
}

/** At the end of the process, which does not wait for it: a daemon that still ends a build takes its time. */
export function pruneDockerImagesLater(): void {
  if (!mayHaveImages) return;
  const env = { ...process.env, ...DOCKER_ENVIRONMENT };
  spawn("sh", ["-c", `timeout 60 ${PRUNE}`], { stdio: "ignore", detached: true, env }).unref();
}
