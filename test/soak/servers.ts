/** Every server of docs/servers.md in both suites: built, started, asked. Options: `--suite=`, `--name=` (with commas). */
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Soak, SoakRow } from "../../scripts/soak.ts";
import { answerOf, writeServers } from "../e2e/servers/answer.ts";
import { QUESTIONS } from "../e2e/servers/questions.ts";

const folder = join(tmpdir(), "image-dsl-soak-servers");

const soak: Soak = async (options) => {
  const names = options.get("name")?.split(",") ?? Object.keys(QUESTIONS);
  const rows: SoakRow[] = [];
  for (const suite of options.get("suite")?.split(",") ?? ["bookworm", "trixie"]) {
    const project = join(folder, suite);
    mkdirSync(project, { recursive: true });
    writeServers(project, suite);
    for (const name of names) rows.push(await rowOf(name, suite, project));
  }
  return rows;
};

async function rowOf(name: string, suite: string, project: string): Promise<SoakRow> {
  const aim = "answers";
  try {
    await answerOf(name, project, join(folder, "cache"));
    return { what: `${name} (${suite})`, figure: aim, aim, ok: true };
  } catch (error) {
    console.error(`  ${name} (${suite}): ${(error as Error).message}`);
    return { what: `${name} (${suite})`, figure: "does not answer", aim, ok: false };
  }
}

export default soak;
