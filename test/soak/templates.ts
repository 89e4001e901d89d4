/**
 * Every template, from `init` to an answering container that SIGTERM ends within a second, built by every runtime.
 * Options: `--name=` (with commas), `--runtime=`.
 */
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RUNTIMES, isRuntimeName, type RuntimeName } from "../../scripts/runtimes.ts";
import type { Soak, SoakRow } from "../../scripts/soak.ts";
import { answerOfCommands, initTemplate } from "../e2e/templates/answer.ts";
import { useNixpkgsOfTests } from "../e2e/templates/nixpkgs.ts";
import { TEMPLATE_QUESTIONS } from "../e2e/templates/questions.ts";

const folder = join(tmpdir(), "image-dsl-soak-templates");

const soak: Soak = async (options) => {
  const names = options.get("name")?.split(",") ?? Object.keys(TEMPLATE_QUESTIONS);
  const runtimes = options.get("runtime")?.split(",").filter(isRuntimeName) ?? RUNTIMES;
  useNixpkgsOfTests();
  const rows: SoakRow[] = [];
  for (const name of names) for (const runtime of runtimes) rows.push(await rowOf(name, runtime));
  return rows;
};

async function rowOf(name: string, runtime: RuntimeName): Promise<SoakRow> {
  const what = `${name}, built by ${runtime}`;
  const aim = "answers; status 0 in 1000 ms";
  const cwd = join(folder, name);
  const env = { IMAGE_DSL_CACHE: join(folder, "cache") };
  rmSync(cwd, { recursive: true, force: true });
  try {
    const commands = initTemplate(name, cwd, { env });
    const { status, milliseconds } = await answerOfCommands(commands, TEMPLATE_QUESTIONS[name]!, { cwd, env, runtime });
    const figure = `status ${status} in ${milliseconds.toFixed(0)} ms`;
    return { what, figure, aim, ok: status === 0 && milliseconds < 1000 };
  } catch (error) {
    console.error(`  ${what}: ${(error as Error).message}`);
    return { what, figure: "does not answer", aim, ok: false };
  }
}

export default soak;
