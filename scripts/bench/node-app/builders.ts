/** Who makes and pushes the app's image: image-dsl, buildah by a careful Dockerfile, and containerify beside npm. */
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { installPinned, runtimePath } from "../../runtimes.ts";
import { run } from "../run.ts";
import { buildah } from "../shipping/buildah.ts";
import { BUILDER, RUNTIME, type BaseSettings } from "./bases.ts";

export interface Builder {
  readonly name: string;
  /** Its image: `HOST/NAME:TAG`. */
  readonly reference: string;
  /** What it keeps for its next build, beside the project: a cold one has nothing of that. */
  readonly kept: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** In the project: the first build, and one after a line of the source changed, or a package. */
  readonly shells: Readonly<Record<Occasion, string>>;
  readonly isPeer?: boolean;
  readonly problem?: string;
}

export type Occasion = "cold" | "line" | "bump";

/** Writes into each one's own copy of the project what it reads there. */
export type MakeBuilder = (project: string, settings: BaseSettings) => Promise<Builder>;

export const imageDsl: MakeBuilder = async (project, { cli, env, host }) => {
  const name = "ours/shop";
  writeFileSync(
    join(project, "image.config.ts"),
    `import { defineConfig, image, nodeApp } from "image-dsl";
export default defineConfig(image({ ...nodeApp({ build: "npm run build", port: 3000 }), name: "${host}/${name}", tag: "1" }));
`,
  );
  const store = `${project}.store`;
  const build = `${cli} build --push --insecure ${host} --quiet`;
  return {
    name: "image-dsl: nodeApp",
    reference: `${host}/${name}:1`,
    kept: [store, `${project}.npm`],
    env: { ...env, IMAGE_DSL_CACHE: store, npm_config_cache: `${project}.npm` },
    shells: { cold: build, line: build, bump: build },
  };
};

/** What npm fetches is kept between builds, both installations are layers of their own, and what builds is not shipped. */
const DOCKERFILE = `FROM @HOST@/${BUILDER} AS packages
WORKDIR /app
COPY .npmrc package.json package-lock.json ./

FROM packages AS production
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM packages AS build
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund
COPY src src
RUN npm run build

FROM @HOST@/${RUNTIME}
COPY --from=production /app/node_modules node_modules
COPY package.json ./
COPY --from=build /app/dist dist
CMD ["node", "dist/server.js"]
`;

export const dockerfile: MakeBuilder = async (project, { host }) => {
  const reference = `${host}/buildah/shop:1`;
  writeFileSync(join(project, "Dockerfile"), DOCKERFILE.replaceAll("@HOST@", host));
  writeFileSync(join(project, ".dockerignore"), "node_modules\ndist\n");
  const storage = `${project}.storage`;
  // What it mounts as a cache lies there.
  const temporary = `${project}.tmp`;
  const build = buildah(
    storage,
    `bud --quiet --layers --isolation chroot --network host --tls-verify=false --tag ${reference} .`,
  );
  const push = buildah(storage, `push --quiet --tls-verify=false ${reference} docker://${reference}`);
  const shell = `mkdir -p '${temporary}' && ${build} && ${push}`;
  const { code, stdout } = await run("buildah --version");
  return {
    name: `buildah ${versionIn(stdout)}: Dockerfile`,
    reference,
    kept: [storage, temporary],
    env: { TMPDIR: temporary },
    shells: { cold: shell, line: shell, bump: shell },
    isPeer: true,
    ...(code !== 0 && { problem: "not installed" }),
  };
};

/** It takes a folder as it is: with the packages of production alone, beside the project, which is built with all. */
export const containerify: MakeBuilder = async (project, { host, npm }) => {
  const peers = join(import.meta.dirname, "peers");
  installPinned(peers);
  const program = join(peers, "node_modules/containerify/lib/cli.js");
  const registry = `http://${host}/v2/`;
  const name = "containerify/shop:1";
  const install = "npm ci --ignore-scripts --no-audit --no-fund --silent";
  const installed = `${install} && mkdir -p ship && cp .npmrc package.json package-lock.json ship && (cd ship && ${install} --omit=dev && rm .npmrc)`;
  const built = "npm run --silent build && rm -rf ship/dist && cp -r dist ship";
  const push =
    `node '${program}' --fromRegistry ${registry} --fromImage ${RUNTIME} --toRegistry ${registry} --toImage ${name} --allowNoPushAuth ` +
    `--folder "$PWD/ship" --workdir /app --entrypoint 'node dist/server.js' --layerCacheFolder '${project}.layers' > /dev/null`;
  const { stdout } = await run(`node '${program}' --version`);
  return {
    name: `containerify ${versionIn(stdout)}, npm`,
    reference: `${host}/${name}`,
    kept: ["ship", "node_modules", "dist"]
      .map((each) => join(project, each))
      .concat(`${project}.npm`, `${project}.layers`),
    // It needs a Node newer than the one that the others may run on.
    env: {
      PATH: `${dirname(runtimePath("node24"))}:${process.env["PATH"]}`,
      npm_config_cache: `${project}.npm`,
      ...npm.env,
    },
    shells: {
      cold: `${installed} && ${built} && ${push}`,
      line: `${built} && ${push}`,
      bump: `${installed} && ${built} && ${push}`,
    },
    isPeer: true,
  };
};

function versionIn(text: string): string {
  return /\d+(\.\d+)+/.exec(text)?.[0] ?? "";
}
