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
import { rowOfAnswer } from "./answers/row.ts";

const folder = join(tmpdir(), "image-dsl-soak-templates");

const soak: Soak = async (options) => {
  const names = options.get("name")?.split(",") ?? Object.keys(TEMPLATE_QUESTIONS);
  const runtimes = options.get("runtime")?.split(",").filter(isRuntimeName) ?? RUNTIMES;
  useNixpkgsOfTests();
  const rows: SoakRow[] = [];
  for (const name of names) for (const runtime of runtimes) rows.push(await rowOf(name, runtime));
  return rows;
};

function rowOf(name: string, runtime: RuntimeName): Promise<SoakRow> {
  const cwd = join(folder, name);
  const env = { IMAGE_DSL_CACHE: join(folder, "cache") };
  rmSync(cwd, { recursive: true, force: true });
  return rowOfAnswer(`${name}, built by ${runtime}`, () =>
    answerOfCommands(initTemplate(name, cwd, { env }), TEMPLATE_QUESTIONS[name]!, { cwd, env, runtime }),
  );
}

export default soak;
