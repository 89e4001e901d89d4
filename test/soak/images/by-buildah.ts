/** The same services by a careful Dockerfile: one for all, told the service's name. */
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BUILDER, RUNTIME } from "../../../scripts/bench/node-app/bases.ts";
import { runOrThrow } from "../../../scripts/bench/run.ts";
import { buildah } from "../../../scripts/bench/shipping/buildah.ts";
import type { Workspace } from "./workspace.ts";

/** All manifests come first: npm wants to see each member that the lock names. */
const DOCKERFILE = `ARG HOST
FROM $HOST/${BUILDER} AS production
WORKDIR /app
COPY manifests ./
ARG SERVICE
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --ignore-scripts --no-audit --no-fund -w services/$SERVICE

FROM $HOST/${RUNTIME}
WORKDIR /app
COPY --from=production /app/node_modules node_modules
ARG SERVICE
COPY services/$SERVICE services/$SERVICE
CMD ["node", "services/service/server.js"]
`;

/** Gives how one service is built and pushed. */
export function buildahIn(workspace: Workspace, host: string, work: string): (service: string) => Promise<unknown> {
  const { folder, services } = workspace;
  writeFileSync(join(folder, "Dockerfile"), DOCKERFILE);
  writeFileSync(join(folder, ".dockerignore"), "node_modules\n");
  for (const path of ["", ...services.map((name) => `services/${name}/`)]) {
    cpSync(join(folder, path, "package.json"), join(folder, "manifests", path, "package.json"));
  }
  for (const name of ["package-lock.json", ".npmrc"]) cpSync(join(folder, name), join(folder, "manifests", name));
  const storage = join(work, "storage");
  const TMPDIR = join(work, "tmp");
  mkdirSync(TMPDIR, { recursive: true });
  return (service) => {
    const reference = `${host}/buildah/${service}:1`;
    const options = `--quiet --layers --isolation chroot --network host --tls-verify=false --build-arg HOST=${host} --build-arg SERVICE=${service}`;
    const made = buildah(storage, `bud ${options} --tag ${reference} .`);
    const pushed = buildah(storage, `push --quiet --tls-verify=false ${reference} docker://${reference}`);
    return runOrThrow(`${made} && ${pushed}`, { cwd: folder, env: { TMPDIR } });
  };
}
