/** An image built through the whole pipeline into a directory, and commands run inside it. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { checkConfig } from "../../../core/config/check.ts";
import { runBuild, type BuildEvent, type Plugin, type Source } from "../../../core/index.ts";
import { autoLayersPlugin } from "../../../plugins/auto-layers/index.ts";
import { buildLayeredImage, dockertoolsPlugin, type LayeredImageOptions } from "../../../plugins/dockertools/index.ts";
import { elfPlugin } from "../../../plugins/elf/index.ts";
import { environmentPlugin } from "../../../plugins/environment/index.ts";
import { fakechrootPlugin } from "../../../plugins/fakechroot/index.ts";
import { fakerootPlugin } from "../../../plugins/fakeroot/index.ts";
import { filesPlugin } from "../../../plugins/files/index.ts";
import { hostScriptPlugin } from "../../../plugins/host-script/index.ts";
import { ldconfigPlugin } from "../../../plugins/ldconfig/index.ts";
import { rootfsPlugin } from "../../../plugins/rootfs/index.ts";
import { requireTool, tmp } from "../../harness.ts";

const PLUGINS = [
  // What its other functions need is not needed here.
  { ...dockertoolsPlugin, requires: [] },
  filesPlugin,
  elfPlugin,
  environmentPlugin,
  ldconfigPlugin,
  autoLayersPlugin,
  hostScriptPlugin,
  fakerootPlugin,
  fakechrootPlugin,
  rootfsPlugin,
];

export interface BuiltRoot {
  /** Where the image's root lies. */
  readonly path: string;
  readonly warnings: readonly string[];
  /** Runs a command in it, as root or with `uid`, and gives stdout; any status but 0 is an error with what it said. */
  run(command: readonly string[], uid?: number): string;
}

export async function buildRoot(
  contents: Source | readonly Source[],
  more: Omit<Partial<LayeredImageOptions>, "contents"> = {},
  { directory = tmp(), plugins = [] }: { directory?: string; plugins?: readonly Plugin[] } = {},
): Promise<BuiltRoot> {
  const image = buildLayeredImage({ name: "t", contents, ...more });
  const { builder, graph } = await checkConfig(image, { plugins: [...PLUGINS, ...plugins], directory });
  const path = join(tmp(), "root");
  const warnings: string[] = [];
  const onEvent = (event: BuildEvent) => {
    if (event.type === "warning") warnings.push(`${event.code} ${event.message}; ${event.hint ?? ""}`);
  };
  await runBuild(builder, graph, { outputs: [`rootfs:${path}`], store: tmp(), jobs: 1, onEvent });
  return { path, warnings, run: (command, uid = 0) => runInside(path, command, uid) };
}

function runInside(root: string, command: readonly string[], uid: number): string {
  if (process.getuid?.() !== 0) requireTool("root");
  const [program, ...args] = [requireTool("chroot"), `--userspec=${uid}:${uid}`, "--groups=", root, ...command];
  const { status, stdout, stderr, error } = spawnSync(program!, args, {
    encoding: "utf8",
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command.join(" ")} ended with ${status}: ${stderr}${stdout}`);
  return stdout;
}
