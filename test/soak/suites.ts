/** `npm run soak suites [--only=words]`: all tests on all runtimes, with every case of which CI takes a sample. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Soak } from "../../scripts/soak.ts";

const soak: Soak = async (options) => {
  const words = options.get("only")?.split(",") ?? [];
  const { stdout } = spawnSync(
    process.execPath,
    ["--import", "tsx", join(import.meta.dirname, "../../scripts/test.ts"), "--runtime", "all", ...words],
    {
      stdio: ["ignore", "pipe", "inherit"],
      encoding: "utf8",
      maxBuffer: 1 << 30,
      env: { ...process.env, IMAGE_DSL_TESTS: "all" },
    },
  );
  process.stdout.write(stdout);
  const last = stdout.trim().split("\n").at(-1)!;
  return [
    { what: "suites with every case", figure: last, aim: "0 failed", ok: /^[1-9]\d* passed, 0 failed$/.test(last) },
  ];
};
export default soak;
