/** Where images go by tools of the host, which read a docker archive. */
import { isRecord, type HostTool, type RunResult, withRegistry } from "../../core/index.ts";

/** Runs the tool. */
export type RunTool = (args: readonly string[], more?: RunMore) => Promise<RunResult>;

export interface RunMore {
  readonly input?: AsyncIterable<Uint8Array>;
  /** Where relative paths start. */
  readonly cwd?: string;
}

/** How it takes an OCI layout that lacks the layers which it has. */
export interface SparseLoad {
  /** The diffIDs of the image that has the name there; none where there is no such image. */
  layersOf(run: RunTool, reference: string): Promise<readonly string[]>;
  /** `layout`: a folder's name in `cwd`, of small letters and digits. `id`: the config's digest. */
  load(run: RunTool, layout: Layout, id: string, references: readonly string[]): Promise<RunResult>;
}

export interface Layout {
  readonly cwd: string;
  readonly name: string;
}

export interface Storage {
  readonly tool: HostTool;
  /** What runs the images of its storage. */
  readonly runs?: string;
  /** Makes it read an archive, in which the image has its name: from its standard input, or a file where it reads only those. */
  readonly load:
    | { readonly from: "stdin"; readonly args: readonly string[] }
    | { readonly from: "file"; args(file: string, reference: string): readonly string[] };
  readonly sparse?: SparseLoad;
  /** What ends with one of the codes where its storage can be reached. */
  readonly probe?: { readonly args: readonly string[]; readonly codes: readonly number[] };
  /** The digest of the config of the image with that name, if there is one. */
  idOf(run: RunTool, reference: string): Promise<string | undefined>;
}

export const PODMAN: Storage = {
  runs: "podman",
  tool: {
    name: "podman",
    purpose: "podman:, and --load where there is no Docker daemon",
    mend: "Install podman (on Debian: apt-get install podman)",
  },
  load: { from: "stdin", args: ["load", "--quiet"] },
  sparse: {
    async layersOf(run, reference) {
      const { code, stdout } = await run(["image", "inspect", "--format", "{{json .RootFS.Layers}}", reference]);
      return code === 0 ? textsOf(parsed(stdout)) : [];
    },
    async load(run, { cwd, name }, id, references) {
      const loaded = await run(["load", "--quiet", "--input", name], { cwd });
      if (loaded.code !== 0) return loaded;
      const tagged = await run(["tag", id.replace(/^sha256:/, ""), ...references]);
      // It calls what it loads by the folder's name, whatever the layout says.
      await run(["untag", `localhost/${name}:latest`, `localhost/${name}:latest`]);
      return tagged;
    },
  },
  // 1: there is no such image, as it saw in its storage.
  probe: { args: ["image", "exists", "image-dsl.invalid/none"], codes: [0, 1] },
  async idOf(run, reference) {
    const { code, stdout } = await run(["image", "inspect", "--format", "{{.Id}}", reference]);
    return code === 0 ? `sha256:${stdout.trim()}` : undefined;
  },
};

const SKOPEO: Storage = {
  runs: "podman",
  tool: {
    name: "skopeo",
    purpose: "containers-storage:",
    mend: "Install skopeo (on Debian: apt-get install skopeo), or take podman:, which has the same storage",
  },
  // From a pipe it cannot: it goes through the archive more than once.
  load: {
    from: "file",
    args: (file, reference) => ["copy", "--quiet", `docker-archive:${file}`, `containers-storage:${reference}`],
  },
  sparse: {
    async layersOf(run, reference) {
      const { code, stdout } = await run(["inspect", "--config", `containers-storage:${reference}`]);
      const config: unknown = code === 0 ? parsed(stdout) : undefined;
      return isRecord(config) && isRecord(config["rootfs"]) ? textsOf(config["rootfs"]["diff_ids"]) : [];
    },
    async load(run, { cwd, name }, _id, references) {
      let last: RunResult | undefined;
      for (const reference of references) {
        last = await run(["copy", "--quiet", `oci:${name}`, `containers-storage:${reference}`], { cwd });
        if (last.code !== 0) break;
      }
      return last!;
    },
  },
  async idOf(run, reference) {
    const { code, stdout } = await run(["inspect", "--raw", `containers-storage:${reference}`]);
    return code === 0 ? configOf(stdout) : undefined;
  },
};

/** Its address and namespace are what the environment says: CONTAINERD_ADDRESS, CONTAINERD_NAMESPACE. */
const CTR: Storage = {
  tool: {
    name: "ctr",
    purpose: "containerd:",
    mend: "Install it (on Debian: apt-get install containerd), and run as who may use containerd's socket",
  },
  load: { from: "stdin", args: ["images", "import", "-"] },
  probe: { args: ["--connect-timeout", "2s", "version"], codes: [0] },
  async idOf(run, reference) {
    const listed = await run(["images", "list", `name==${withRegistry(reference)}`]);
    const [manifest] = /sha256:[0-9a-f]{64}/.exec(listed.stdout) ?? [];
    if (listed.code !== 0 || manifest === undefined) return undefined;
    const { code, stdout } = await run(["content", "get", manifest]);
    return code === 0 ? configOf(stdout) : undefined;
  },
};

/** By transport. */
export const STORAGES: Readonly<Record<string, Storage>> = Object.freeze({
  podman: PODMAN,
  "containers-storage": SKOPEO,
  containerd: CTR,
});

/** Of a manifest. */
function configOf(manifest: string): string | undefined {
  const json = parsed(manifest);
  const config = isRecord(json) ? json["config"] : undefined;
  const digest = isRecord(config) ? config["digest"] : undefined;
  return typeof digest === "string" ? digest : undefined;
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
