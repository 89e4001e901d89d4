/** From a framework's project to its answer: made on the spot, installed, looked at by `init`; then what that says is typed. */
import { dirname } from "node:path";
import { runtimePath } from "../../../scripts/runtimes.ts";
import { writeSources } from "../npm-projects.ts";
import { httpQuestion } from "../servers/http-question.ts";
import { cli, must, type RunOptions } from "../support.ts";
import { answerOfCommands, type Answered } from "../templates/answer.ts";
import { STATIC_TEXT, type FrameworkProject } from "./projects.ts";

const QUIET = { NEXT_TELEMETRY_DISABLED: "1", ASTRO_TELEMETRY_DISABLED: "1", NUXT_TELEMETRY_DISABLED: "1" };

/** `options.cwd`: a new folder. Some of them build with a Node that is newer than ours. */
export async function answerOfProject(project: FrameworkProject, options: RunOptions): Promise<Answered> {
  const { cwd } = options;
  const path = `${dirname(runtimePath("node24"))}:${process.env["PATH"]}`;
  const typing: RunOptions = { ...options, env: { ...options.env, ...QUIET, PATH: path } };
  writeSources(cwd, project.files);
  must(["npm", "install", "--no-audit", "--no-fund"], typing);
  const said = cli(["init"], typing).toString();
  const [, next = ""] = /Next:\n(.*)$/s.exec(said) ?? [];
  const wanted = { ...(project.hasPublic && { "/hello.txt": STATIC_TEXT }), "/": "Hello from " };
  return answerOfCommands(next.trim().split(/\n */), httpQuestion(project.port, wanted), typing);
}
