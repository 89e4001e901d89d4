/** Starts the inside in namespaces of its own: users, mounts, processes, network, names. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  HELPER_ENVIRONMENT,
  ROOT_LIMITS,
  findProgram,
  messageOf,
  programStream,
  runProgram,
  type ProgramStream,
} from "../../core/index.ts";
import { mapNumbers, type IdMap } from "./id-map.ts";

const NAMESPACES = ["-m", "-p", "-f", "-i", "-u", "--propagation", "private"];
const OWN_NETWORK = "-n";

/** The host's root may allow itself more than it has; nobody may once in a user namespace. */
const WITH_LIMITS = `{ ${ROOT_LIMITS}; } 2>/dev/null || :; exec ./busybox "$@"`;

/**
 * What the inside says goes through a pipe that belongs to its root, since /dev/stderr can be opened again by that alone: ours are sockets,
 * and the user's. Who hands it on is outside of the namespace of processes, where nothing of the inside ends it.
 */
const PIPED = `set -o pipefail
exec 3>&1
"$@" 2>&1 >&3 3>&- | ./busybox cat >&2 3>&-`;

/** Why no user namespace could be had. */
export class NoNamespace extends Error {}

/** `network`: whether the host's is kept. `folder`: as `layOutTools` left it. Throws `NoNamespace`. */
export async function enterNamespaces(
  text: string,
  map: IdMap,
  network: boolean,
  folder: string,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<ProgramStream> {
  const options = { cwd: folder, env: HELPER_ENVIRONMENT };
  const busybox = join(folder, "busybox");
  const namespaces = network ? NAMESPACES : [...NAMESPACES, OWN_NETWORK];
  const piped = ["./busybox", "sh", "-c", PIPED, "sh"];
  const inner = ["./busybox", "unshare", ...namespaces, "./busybox", "sh", "-c", text];
  const start = (...args: readonly string[]) =>
    programStream(busybox, ["sh", "-c", WITH_LIMITS, "sh", ...args], options, onLine);
  if (map.by === "self") return start("unshare", "-U", "-r", ...piped, ...inner);

  // It only holds the namespace until the inside is in it.
  const holder = programStream(busybox, ["unshare", "-U", "./busybox", "sh", "-c", "echo; read -r end"], options);
  try {
    await ready(holder);
    await writeMap(holder.pid!, map, signal);
    const asRoot = ["-U", "-S", "0", "-G", "0"];
    const entered = start("nsenter", "-t", String(holder.pid), ...asRoot, ...piped, ...inner);
    const leave = () => void holder.input.end();
    entered.ended.then(leave, leave);
    return entered;
  } catch (error) {
    holder.input.end();
    throw error;
  }
}

async function ready(holder: ProgramStream): Promise<void> {
  const said = new Promise<true>((resolve) => holder.output.once("data", () => resolve(true)));
  if ((await Promise.race([said, holder.ended])) !== true)
    throw new NoNamespace(`a user namespace cannot be made (${holder.lastWords()})`);
}

async function writeMap(pid: number, { by, users, groups }: IdMap, signal: AbortSignal): Promise<void> {
  for (const [kind, ranges] of [
    ["uid", users],
    ["gid", groups],
  ] as const) {
    const lines = mapNumbers(ranges);
    const trouble =
      by === "root"
        ? await writeFile(`/proc/${pid}/${kind}_map`, lines.map((line) => line.join(" ")).join("\n")).then(
            () => undefined,
            messageOf,
          )
        : await mapped(`new${kind}map`, [String(pid), ...lines.flat()], signal);
    if (trouble !== undefined) throw new NoNamespace(`ids cannot be mapped (${trouble})`);
  }
}

/** What went wrong, if anything. */
async function mapped(name: string, args: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  const program = findProgram(name);
  if (program === undefined) return `${name} is not in PATH`;
  const { code, stderr } = await runProgram(program, args, { cwd: "/", env: HELPER_ENVIRONMENT, signal });
  return code === 0 ? undefined : stderr.trim();
}
