/** Which daemon answers, and what it takes. */
import { DOCKER_TAKES, isRecord, messageOf, type DoctorCheck } from "../../core/index.ts";
import { withDocker } from "./docker/client.ts";
import { dockerEndpoint, usualSockets } from "./docker/endpoint.ts";

/** Who looks has more to look at. */
const PATIENCE = 10_000;

export async function checkDocker(): Promise<DoctorCheck> {
  const check = { name: "docker daemon", purpose: "docker-daemon: and --load" };
  const mend = "start Docker, or say where it is with DOCKER_HOST or DOCKER_CONTEXT";
  try {
    const endpoint = await dockerEndpoint();
    if (endpoint === undefined)
      return { ...check, state: "missing", detail: `no socket ${usualSockets().join(", ")}`, mend };
    const detail = await withDocker(endpoint, AbortSignal.timeout(PATIENCE), async (client) => {
      return `${describe(await client.ask("/version"))}, at ${endpoint.text}`;
    });
    return { ...check, state: "ok", detail };
  } catch (error) {
    return { ...check, state: "limited", detail: messageOf(error), mend };
  }
}

function describe(answer: unknown): string {
  if (!isRecord(answer)) return "of unknown version";
  const { Version, ApiVersion, Os, Arch } = answer;
  const major = Number.parseInt(String(Version), 10);
  const takes = DOCKER_TAKES.map(({ what, since }) => `${major >= since ? "" : "no "}${what}`);
  return `${String(Version)} (API ${String(ApiVersion)}, ${String(Os)}/${String(Arch)}; ${takes.join(", ")})`;
}
