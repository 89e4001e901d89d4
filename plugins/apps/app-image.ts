/** What all apps' images have in common, whatever runs them. */
import type { Source } from "../../core/index.ts";
import { listOf, type AppImage, type AppOptions } from "./options.ts";
import { gitRevision } from "./project/git-revision.ts";
import { metadataOf } from "./project/metadata.ts";
import type { PackageJson } from "./project/package-json.ts";
import { TINI, tini } from "./tini.ts";

/** Of a project, or of the workspace that it is a member of. */
export const WORKDIR = "/app";

/** What a preset has worked out. */
export interface AppParts {
  readonly name: string;
  readonly manifest: PackageJson;
  /** Absolute. */
  readonly folder: string;
  /** Where that is in the image. */
  readonly workdir: `/${string}`;
  readonly contents: readonly Source[];
  readonly cmd: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The name of user 1000. */
  readonly user: string;
}

export function appImage(
  { name, manifest, folder, workdir, contents, cmd, env, user }: AppParts,
  { port, init = true, metadata = true, revision = false }: AppOptions,
): AppImage {
  const commit = revision === true ? gitRevision(folder) : revision === false ? undefined : revision;
  const said = metadata ? metadataOf(manifest, commit) : {};
  return {
    name,
    contents: [...(init ? [tini({})] : []), ...contents],
    env: { PATH, ...env },
    user: { name: user, uid: 1000, gid: 1000, home: `/home/${user}` },
    workdir,
    entrypoint: init ? FIRST_PROCESS : undefined,
    cmd,
    expose: listOf(port),
    layers: { strategy: "stable" },
    labels: said,
    annotations: said,
  };
}

/** A program that SIGTERM ends by itself, without a handler, has done what it was told: that is status 0, not 143. */
const FIRST_PROCESS = [TINI, "-e", "143", "--"];

/** As engines set it where an image says nothing, which not all do. */
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
