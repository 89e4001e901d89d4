/** From a framework's project to its answer: made on the spot, installed, looked at by `init`; then what that says is typed. */
import { dirname } from "node:path";
import { runtimePath } from "../../../scripts/runtimes.ts";
import { writeSources } from "../npm-projects.ts";
import type { Question } from "../servers/questions.ts";
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
  return answerOfCommands(next.trim().split(/\n */), questionOf(project), typing);
}

/** Both at once: the second waits on the connection for the first one's answer. */
function questionOf({ port, hasPublic = false }: FrameworkProject): Question {
  const paths = hasPublic ? ["/hello.txt", "/"] : ["/"];
  const requests = paths.map((path, index) => {
    const connection = index === paths.length - 1 ? "close" : "keep-alive";
    return `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: ${connection}\r\n\r\n`;
  });
  return {
    kind: "tcp",
    at: port,
    send: requests.join(""),
    isRight: (answer) => answer.includes("Hello from ") && (!hasPublic || answer.includes(STATIC_TEXT)),
  };
}
