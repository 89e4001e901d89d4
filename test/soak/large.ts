/**
 * `npm run soak large [--scale=0.1] [--only=WORD]`: no limit is in the way of what is merely large (issue 19, "Must show" 4). Each input is built into
 * an OCI layout, and another image is built on that: once as what is made, once as what comes from elsewhere.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Soak, SoakRow } from "../../scripts/soak.ts";
import { CLI, openFolder, writeProject } from "../e2e/support.ts";
import { requireTool } from "../harness.ts";
import { largeInputs, type LargeInput } from "./large/inputs.ts";

const soak: Soak = async (options) => {
  requireTool("tar", "time");
  const only = options.get("only") ?? "";
  const inputs = largeInputs(Number(options.get("scale") ?? 1));
  return inputs.filter(({ what }) => what.includes(only)).flatMap(rowsOf);
};
export default soak;

function rowsOf({ what, prepare }: LargeInput): SoakRow[] {
  const { path: folder, dispose } = openFolder("large");
  const input = prepare(folder);
  try {
    const config = `import { buildLayeredImage, debian, defineConfig, files, text } from "image-dsl";
export default defineConfig({
  large: buildLayeredImage({ name: "large", ${input.call} }),
  above: buildLayeredImage({ name: "above", fromImage: "./large-image", maxLayers: 120, contents: text("/above", "above") }),
});`;
    writeProject(folder, { "image.config.ts": config });
    const made = measured(folder, ["large", "-o", "oci:large-image"]);
    const isRight = made.said === "" && lookedAt(join(folder, "large-image"), input.look) === input.expected;
    // Nothing of the first build is left to help.
    rmSync(join(folder, "cache"), { recursive: true, force: true });
    const above = measured(folder, ["above", "-o", "oci:above-image"]);
    const [below, all] = ["large-image", "above-image"].map((layout) => layersOf(join(folder, layout)));
    const isHandedOn = above.said === "" && JSON.stringify(all!.slice(0, -1)) === JSON.stringify(below);
    return [
      { what, figure: made.said || made.figures, aim: "made untouched", ok: isRight },
      {
        what: "  as a base",
        figure: above.said || above.figures,
        aim: "handed on untouched",
        ok: isHandedOn,
      },
    ];
  } finally {
    input.dispose?.();
    dispose();
  }
}

interface Measured {
  /** What a build that failed said. */
  readonly said: string;
  readonly figures: string;
}

function measured(folder: string, args: readonly string[]): Measured {
  const figures = join(folder, "figures");
  const timed = [
    "-q",
    "-o",
    figures,
    "-f",
    "%e s, %U + %S s of CPU, %M KiB",
    process.execPath,
    CLI,
    "build",
    ...args,
    "--quiet",
  ];
  const env = { ...process.env, IMAGE_DSL_CACHE: join(folder, "cache") };
  const { status, stderr } = spawnSync("/usr/bin/time", timed, {
    cwd: folder,
    env,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  return { said: status === 0 ? "" : stderr || `status ${status}`, figures: readFileSync(figures, "utf8").trim() };
}

/** Digests, from the lowest. */
function layersOf(layout: string): readonly string[] {
  const blob = (digest: string) =>
    JSON.parse(readFileSync(join(layout, "blobs", digest.replace(":", "/")), "utf8")) as {
      layers: { digest: string }[];
    };
  const index = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as { manifests: { digest: string }[] };
  return blob(index.manifests[0]!.digest).layers.map(({ digest }) => digest);
}

function lookedAt(layout: string, look: string): string {
  const blobs = layersOf(layout).map((digest) => join(layout, "blobs", digest.replace(":", "/")));
  const text = `tar() { command tar --ignore-zeros "$@"; }; gzip -dcf "$@" | ${look}`;
  const { stdout } = spawnSync("bash", ["-c", text, "bash", ...blobs], { encoding: "utf8" });
  return stdout.trim();
}
