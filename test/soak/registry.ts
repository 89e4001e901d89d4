/** A push of a blob of 200 MB, killed in its middle (issue 15, "Must show" 4); the tests do it with 40 MB. */
import type { Soak } from "../../scripts/soak.ts";
import { onTestHost } from "../plugins/registry/support/host-credentials.ts";
import { killedPush } from "../plugins/registry/support/killed-push.ts";

const SIZE = 200 * 1024 * 1024;
const PIECE = 8 * 1024 * 1024;

const soak: Soak = () =>
  onTestHost(async () => {
    const { registry, ranges } = await killedPush(SIZE);
    await using _ = registry;
    const from = Number(ranges[0]?.split("-")[0] ?? 0);
    const again = registry.received() - SIZE;
    return [
      {
        what: "MB of 200 that the process after a killed push did not send again",
        figure: (from / 1e6).toFixed(1),
        aim: "as the registry confirms: at least 90",
        ok: registry.manifests.has("1") && from > 90e6,
      },
      {
        what: "bytes that were sent twice",
        figure: String(again),
        aim: "less than a piece",
        ok: again < PIECE,
      },
    ];
  });

export default soak;
