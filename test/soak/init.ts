/**
 * Every framework that `init` knows, from a project to an answering container that SIGTERM ends within a second. Option: `--name=` (with
 * commas). It downloads a gigabyte of packages where npm has none of them.
 */
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Soak, SoakRow } from "../../scripts/soak.ts";
import { answerOfProject } from "../e2e/frameworks/answer.ts";
import { FRAMEWORK_PROJECTS } from "../e2e/frameworks/projects.ts";
import { rowOfAnswer } from "./answers/row.ts";

const folder = join(tmpdir(), "image-dsl-soak-init");

const soak: Soak = async (options) => {
  const names = options.get("name")?.split(",") ?? Object.keys(FRAMEWORK_PROJECTS);
  const env = { IMAGE_DSL_CACHE: join(folder, "cache") };
  const rows: SoakRow[] = [];
  for (const name of names) {
    const cwd = join(folder, "project");
    rmSync(cwd, { recursive: true, force: true });
    rows.push(await rowOfAnswer(`init: ${name}`, () => answerOfProject(FRAMEWORK_PROJECTS[name]!, { cwd, env })));
  }
  return rows;
};

export default soak;
