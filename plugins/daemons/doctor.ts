/** Which daemons and tools are here, and what they take. */
import {
  DOCKER_TAKES,
  findProgram,
  isRecord,
  messageOf,
  runProgram,
  TOOLS_TAKE,
  type DoctorCheck,
  type RunResult,
  userEnvironment,
} from "../../core/index.ts";
import { withDocker } from "./docker/client.ts";
import { dockerEndpoint, usualSockets } from "./docker/endpoint.ts";
import { STORAGES, type Storage } from "./storages.ts";

/** Who looks has more to look at. */
const PATIENCE = 10_000;

export async function checkDocker(): Promise<DoctorCheck> {
  const check = { name: "docker daemon", purpose: "docker-daemon: and --load" };
  const mend = "start Docker, or say where it is with DOCKER_HOST or DOCKER_CONTEXT";
  try {
    const remarks: string[] = [];
    const endpoint = await dockerEndpoint(({ message }) => void remarks.push(message));
    if (endpoint === undefined)
      return {
        ...check,
        state: "missing",
        detail: [`no socket ${usualSockets().join(", ")}`, ...remarks].join("; "),
        mend,
      };
    const detail = await withDocker(endpoint, AbortSignal.timeout(PATIENCE), async (client) => {
      return [`${describe(await client.ask("/version"))}, at ${endpoint.text}`, ...remarks].join("; ");
    });
    return { ...check, state: "ok", detail };
  } catch (error) {
    return { ...check, state: "limited", detail: messageOf(error), mend };
  }
}

/** One for each tool that images are given to. */
export function checkTools(): Promise<readonly DoctorCheck[]> {
  return Promise.all(Object.values(STORAGES).map(checkTool));
}

async function checkTool({ tool, probe }: Storage): Promise<DoctorCheck> {
  const { name, purpose, mend } = tool;
  const check = { name, purpose, mend };
  const program = findProgram(name);
  if (program === undefined) return { ...check, state: "missing", detail: "no such program is in PATH" };
  const run = (args: readonly string[]): Promise<RunResult> =>
    runProgram(program, args, { cwd: "/", env: userEnvironment(), signal: AbortSignal.timeout(PATIENCE) });
  try {
    const { stdout } = await run(["--version"]);
    const version = /\d+\.\d+\S*/.exec(stdout)?.[0] ?? "of unknown version";
    const probed = probe && (await run(probe.args));
    if (probed && !probe.codes.includes(probed.code ?? -1)) {
      const said = probed.stderr.trim().split("\n").at(-1) ?? "";
      return { ...check, state: "limited", detail: `${version}; its storage cannot be reached: ${said}` };
    }
    return { ...check, state: "ok", detail: `${version} (${TOOLS_TAKE[name]!.join(", ")})` };
  } catch (error) {
    return { ...check, state: "limited", detail: messageOf(error) };
  }
}

function describe(answer: unknown): string {
  if (!isRecord(answer)) return "of unknown version";
  const { Version, ApiVersion, Os, Arch } = answer;
  const major = Number.parseInt(String(Version), 10);
  const takes = DOCKER_TAKES.map(({ what, since }) => `${major >= since ? "" : "no "}${what}`);
  return `${String(Version)} (API ${String(ApiVersion)}, ${String(Os)}/${String(Arch)}; ${takes.join(", ")})`;
}
