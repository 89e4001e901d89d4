/**
 * `npm run soak peers`: the archives, bases and layouts of `test/attacks` as GNU tar, skopeo, umoci and podman take them, beside us.
 * Each runs in bubblewrap with no network, and can write to a folder of its own alone. Prints the table of docs/security.md.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Soak, SoakRow } from "../../scripts/soak.ts";
import { build, type Attack } from "../attacks/attack.ts";
import { LAYER, OCI, layoutIn } from "../attacks/make/layout.ts";
import { requireTool, tmp } from "../harness.ts";

const CASES = join(import.meta.dirname, "../attacks/cases");
const KINDS = ["bombs", "long-paths", "sums", "screen", "loader-cache", "loader-configuration", "oci-layouts"];

const SECONDS = 60;
/** MiB, as of our own. */
const MOST_MEMORY = 400;
/** KiB that one file may have. */
const LARGEST_FILE = 4 * 1024 * 1024;

type Command = readonly [string, ...string[]];

/** What takes a project's input, found by what lies there; `out` is an empty folder. Undefined: it takes no such thing. */
const PEERS: Readonly<Record<string, (folder: string, out: string) => Command | undefined>> = {
  "GNU tar"(folder, out) {
    const input = inputIn(folder);
    return input === undefined ? undefined : ["tar", "-xf", input, "-C", out];
  },
  skopeo(folder, out) {
    const copy: Command = ["skopeo", "--insecure-policy", "copy"];
    const input = inputIn(folder);
    if (input !== undefined) return [...copy, `tarball:${input}`, `oci:${out}/image:1`];
    if (hasBase(folder)) return [...copy, `docker-archive:${folder}/base.tar`, `oci:${out}/image:1`];
    return isTagged(folder) ? [...copy, `oci:${folder}/layout:1`, `dir:${out}`] : undefined;
  },
  umoci(folder, out) {
    const layout = isTagged(folder) ? `${folder}/layout` : asLayout(folder, join(out, "layout"));
    if (layout === undefined) return undefined;
    return ["umoci", "unpack", "--rootless", "--image", `${layout}:1`, join(out, "bundle")];
  },
  podman(folder, out) {
    const podman: Command = ["podman", "--root", `${out}/root`, "--runroot", `${out}/run`, "--storage-driver", "vfs"];
    const input = inputIn(folder);
    if (input !== undefined) return [...podman, "import", "-q", input];
    if (hasBase(folder)) return [...podman, "load", "-q", "-i", join(folder, "base.tar")];
    return isTagged(folder) ? [...podman, "pull", "-q", `oci:${folder}/layout:1`] : undefined;
  },
};

const hasBase = (folder: string): boolean => existsSync(join(folder, "base.tar"));

function inputIn(folder: string): string | undefined {
  const name = readdirSync(folder).find((each) => each.startsWith("input.tar"));
  return name && join(folder, name);
}

/** Peers take an image of a layout by its name. */
function isTagged(folder: string): boolean {
  const file = join(folder, "layout/index.json");
  if (!existsSync(file)) return false;
  const index = JSON.parse(readFileSync(file, "utf8")) as { manifests: object[] };
  const annotations = { "org.opencontainers.image.ref.name": "1" };
  const manifests = index.manifests.map((each, at) => (at === 0 ? { ...each, annotations } : each));
  writeFileSync(file, JSON.stringify({ ...index, manifests }));
  return true;
}

/** An image of which the archive is the layer; umoci takes plain ones and gzip's. */
function asLayout(folder: string, place: string): string | undefined {
  const input = inputIn(folder);
  if (input === undefined || !/\.tar(\.gz)?$/.test(input)) return undefined;
  const bytes = readFileSync(input);
  const isZipped = input.endsWith(".gz");
  // Where it is too large for that, who reads so far refuses it for its sum.
  const plain = isZipped ? gunzipOrNot(bytes) : bytes;
  const layout = layoutIn(place);
  const layer = layout.blob(bytes, isZipped ? `${LAYER}+gzip` : LAYER);
  const diffID = `sha256:${createHash("sha256").update(plain).digest("hex")}`;
  const config = { architecture: "amd64", os: "linux", config: {}, rootfs: { type: "layers", diff_ids: [diffID] } };
  const manifest = {
    schemaVersion: 2,
    config: layout.document(config, `${OCI}.config.v1+json`),
    layers: [layer],
  };
  const descriptor = layout.document(manifest, `${OCI}.manifest.v1+json`);
  const annotations = { "org.opencontainers.image.ref.name": "1" };
  layout.index({ schemaVersion: 2, manifests: [{ ...descriptor, annotations }] });
  return place;
}

function gunzipOrNot(bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: 2 ** 29 });
  } catch {
    return bytes;
  }
}

interface Outcome {
  readonly kind: "refused" | "taken" | "hang" | "crash" | "escaped";
  /** Of the processors, as of our own. */
  readonly seconds: number;
  /** MiB. */
  readonly memory: number;
}

function outcomeOf(command: Command, parent: string, out: string): Outcome {
  const figures = join(parent, "figures");
  const before = listed(parent);
  const sandbox = [
    "--ro-bind",
    "/",
    "/",
    "--dev",
    "/dev",
    "--proc",
    "/proc",
    "--unshare-net",
    "--unshare-pid",
    "--die-with-parent",
  ];
  const writable = [
    "--tmpfs",
    "/run",
    "--tmpfs",
    "/var/tmp",
    "--tmpfs",
    "/var/lib/containers",
    "--bind",
    parent,
    parent,
  ];
  const limited = ["-c", `ulimit -f ${LARGEST_FILE}; exec "$@"`, "bash"];
  // In the foreground it waits for whom it kills, whose figures are then known.
  const timeout = ["timeout", "--foreground", "-s", "KILL", String(SECONDS)];
  const timed = ["time", "-q", "-o", figures, "-f", "%e %U %S %M", ...timeout, ...command];
  const { status, signal, stderr } = spawnSync(
    requireTool("bwrap"),
    [...sandbox, ...writable, "--cap-add", "ALL", "--chdir", out, "--", "bash", ...limited, ...timed],
    {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: out, TMPDIR: out, LANG: "C.UTF-8" },
      maxBuffer: 1 << 28,
    },
  );
  const [elapsed = SECONDS, user = 0, system = 0, kilobytes = 0] = readFileSync(figures, "utf8")
    .trim()
    .split(/\s+/)
    .slice(-4)
    .map(Number);
  rmSync(figures);
  const figure = { seconds: user + system, memory: kilobytes / 1024 };
  if (listed(parent).join() !== before.join() || readFileSync(join(parent, "secret"), "utf8") !== "secret")
    return { kind: "escaped", ...figure };
  if (elapsed >= SECONDS) return { kind: "hang", ...figure };
  if (signal !== null || (status ?? 0) > 128 || /^(panic|fatal error): /m.test(stderr))
    return { kind: "crash", ...figure };
  return { kind: status === 0 ? "taken" : "refused", ...figure };
}

/** What lies beside the one folder that is for the peer. */
function listed(parent: string): readonly string[] {
  return readdirSync(parent).filter((name) => name !== "out" && name !== "figures");
}

const soak: Soak = async (options) => {
  const kinds = options.get("kind")?.split(",") ?? KINDS;
  const rows: SoakRow[] = [];
  const names = ["image-dsl", ...Object.keys(PEERS)];
  const lines = [`| kind | ${names.join(" | ")} |`, `| --- |${" --- |".repeat(names.length)}`];
  for (const kind of kinds) {
    const { attacks } = (await import(join(CASES, kind, "attacks.ts"))) as { attacks: readonly Attack[] };
    const outcomes = new Map<string, Outcome[]>(names.map((name) => [name, []]));
    for (const attack of attacks) {
      const { status, cost } = await build(attack);
      outcomes
        .get("image-dsl")!
        .push({ kind: status === 0 ? "taken" : "refused", seconds: cost.cpu, memory: cost.memory });
      for (const [name, commandFor] of Object.entries(PEERS)) {
        const outcome = peerOutcome(attack, commandFor);
        if (outcome) outcomes.get(name)!.push(outcome);
        if (outcome) console.error(`${kind}: ${attack.name}: ${name}: ${textOf([outcome])}`);
      }
    }
    lines.push(`| ${kind} | ${names.map((name) => textOf(outcomes.get(name)!)).join(" | ")} |`);
    const own = outcomes.get("image-dsl")!;
    rows.push({ what: kind, figure: textOf(own), aim: `under ${MOST_MEMORY} MiB`, ok: own.every(isModest) });
  }
  console.log(lines.join("\n"));
  return rows;
};
export default soak;

function peerOutcome(attack: Attack, commandFor: (typeof PEERS)[string]): Outcome | undefined {
  const parent = tmp();
  const [folder, out] = [join(parent, "project"), join(parent, "out")];
  for (const each of [folder, out]) mkdirSync(each);
  writeFileSync(join(parent, "secret"), "secret");
  attack.make(folder);
  const command = commandFor(folder, out);
  const outcome = command && outcomeOf(command, parent, out);
  spawnSync("rm", ["-rf", parent]);
  return outcome;
}

const isModest = ({ memory }: Outcome): boolean => memory < MOST_MEMORY;

/** `3 refused, 2 taken; 1.2 s, 130 MiB`: the most of each. */
function textOf(outcomes: readonly Outcome[]): string {
  if (outcomes.length === 0) return "–";
  const counts = (["refused", "taken", "hang", "crash", "escaped"] as const).flatMap((kind) => {
    const count = outcomes.filter((each) => each.kind === kind).length;
    return count === 0 ? [] : [`${count} ${kind}`];
  });
  const seconds = Math.max(...outcomes.map((each) => each.seconds));
  const memory = Math.max(...outcomes.map((each) => each.memory));
  return `${counts.join(", ")}; ${seconds.toFixed(1)} s, ${Math.round(memory)} MiB`;
}
